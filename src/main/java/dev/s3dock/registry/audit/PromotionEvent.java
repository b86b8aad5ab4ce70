package dev.s3dock.registry.audit;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.s3dock.registry.Documents;
import java.util.Optional;

/**
 * An environment that was moved, or found where it was to be moved to.
 *
 * @param source {@code app:stamp-hash}, or {@code app:version}
 * @param sourceType {@code image} or {@code tag}
 * @param key of the environment's object
 * @param previous the key that it led to
 * @param skipped true if it was there already
 * @param rollout identifies the rollout; empty if all hosts follow at once
 */
public record PromotionEvent(
    String environment,
    String source,
    String sourceType,
    String key,
    String previous,
    boolean skipped,
    String rollout)
    implements AuditEvent {
  static final String TYPE = "promotion";

  @Override
  public String type() {
    return TYPE;
  }

  /** The version that was promoted; empty if an image was. */
  Optional<String> version() {
    return sourceType.equals("tag")
        ? Optional.of(source.substring(source.lastIndexOf(':') + 1))
        : Optional.empty();
  }

  static PromotionEvent read(ObjectNode details) {
    return new PromotionEvent(
        Documents.text(details, "environment"),
        Documents.text(details, "source"),
        Documents.text(details, "source_type"),
        Documents.text(details, "pointer_path"),
        Documents.text(details, "previous_target"),
        details.path("was_skipped").asBoolean(),
        Documents.text(details, "rollout"));
  }

  @Override
  public void write(ObjectNode details) {
    details.put("environment", environment);
    details.put("source", source);
    details.put("source_type", sourceType);
    details.put("pointer_path", key);
    if (!previous.isEmpty()) {
      details.put("previous_target", previous);
    }
    if (skipped) {
      details.put("was_skipped", true);
    }
    if (!rollout.isEmpty()) {
      details.put("rollout", rollout);
    }
  }
}
