package dev.s3dock.registry.audit;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.s3dock.registry.Documents;

/**
 * An environment or a version that was removed by name.
 *
 * @param environment its name; empty if it was a version
 * @param version its name; empty if it was an environment
 * @param key of its object
 * @param previous the key that it led to
 * @param skipped true if it was gone already
 */
public record RemovalEvent(
    String image, String environment, String version, String key, String previous, boolean skipped)
    implements AuditEvent {
  static final String TYPE = "removal";

  @Override
  public String type() {
    return TYPE;
  }

  static RemovalEvent read(ObjectNode details) {
    return new RemovalEvent(
        Documents.text(details, "image_reference"),
        Documents.text(details, "environment"),
        Documents.text(details, "version"),
        Documents.text(details, "removed_path"),
        Documents.text(details, "previous_target"),
        details.path("was_skipped").asBoolean());
  }

  @Override
  public void write(ObjectNode details) {
    details.put("image_reference", image);
    if (!environment.isEmpty()) {
      details.put("environment", environment);
    }
    if (!version.isEmpty()) {
      details.put("version", version);
    }
    details.put("removed_path", key);
    details.put("previous_target", previous);
    if (skipped) {
      details.put("was_skipped", true);
    }
  }
}
