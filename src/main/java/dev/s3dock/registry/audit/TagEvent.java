package dev.s3dock.registry.audit;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.s3dock.registry.Documents;

/**
 * A version that was written.
 *
 * @param key of the version's object
 * @param previous the key of the image that it was taken from
 */
public record TagEvent(String image, String version, String key, String previous)
    implements AuditEvent {
  static final String TYPE = "tag";

  @Override
  public String type() {
    return TYPE;
  }

  static TagEvent read(ObjectNode details) {
    return new TagEvent(
        Documents.text(details, "image_reference"),
        Documents.text(details, "version"),
        Documents.text(details, "tag_path"),
        Documents.text(details, "previous_target"));
  }

  @Override
  public void write(ObjectNode details) {
    details.put("image_reference", image);
    details.put("version", version);
    details.put("tag_path", key);
    if (!previous.isEmpty()) {
      details.put("previous_target", previous);
    }
  }
}
