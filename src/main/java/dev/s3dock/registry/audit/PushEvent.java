package dev.s3dock.registry.audit;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.s3dock.registry.Documents;
import dev.s3dock.registry.ImageKey;
import dev.s3dock.registry.ImageMetadata;

/**
 * What a push did.
 *
 * @param archive its key
 * @param skipped true if the very image was published already
 * @param archived true if another image was set aside for it
 */
public record PushEvent(
    String image, String archive, String checksum, long size, boolean skipped, boolean archived)
    implements AuditEvent {
  static final String TYPE = "push";

  /** Of an image with this metadata. */
  public static PushEvent of(
      ImageKey key, ImageMetadata metadata, boolean skipped, boolean archived) {
    return new PushEvent(
        key.reference().toString(),
        key.archive(metadata.form()).value(),
        metadata.checksum(),
        metadata.size(),
        skipped,
        archived);
  }

  @Override
  public String type() {
    return TYPE;
  }

  static PushEvent read(ObjectNode details) {
    return new PushEvent(
        Documents.text(details, "image_reference"),
        Documents.text(details, "s3_path"),
        Documents.text(details, "checksum"),
        details.path("size").asLong(),
        details.path("was_skipped").asBoolean(),
        details.path("was_archived").asBoolean());
  }

  @Override
  public void write(ObjectNode details) {
    details.put("image_reference", image);
    details.put("s3_path", archive);
    details.put("checksum", checksum);
    details.put("size", size);
    if (skipped) {
      details.put("was_skipped", true);
    }
    if (archived) {
      details.put("was_archived", true);
    }
  }
}
