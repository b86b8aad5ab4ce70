package dev.s3dock.registry.audit;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.s3dock.registry.Documents;

/**
 * A step of a rollout, made by a host or a person.
 *
 * @param step {@code paused}, {@code resumed}, {@code approved}, {@code aborted}, {@code
 *     rolled-back}, or {@code failed} on one host
 * @param image that is rolled out
 * @param target which rollout it is of, 16 hex digits
 * @param reason may be empty
 */
public record RolloutEvent(
    String step, String environment, String image, String target, String reason)
    implements AuditEvent {
  static final String TYPE = "rollout";

  /** The environment went back, as too many hosts had failed. */
  public static final String ROLLED_BACK = "rolled-back";

  /** Somebody has ended it. */
  public static final String ABORTED = "aborted";

  /** It was not fit on a host, or did not stay healthy. */
  public static final String FAILED = "failed";

  /** No further host begins. */
  public static final String PAUSED = "paused";

  /** It goes on. */
  public static final String RESUMED = "resumed";

  @Override
  public String type() {
    return TYPE;
  }

  static RolloutEvent read(ObjectNode details) {
    return new RolloutEvent(
        Documents.text(details, "step"),
        Documents.text(details, "environment"),
        Documents.text(details, "image_reference"),
        Documents.text(details, "target"),
        Documents.text(details, "reason"));
  }

  @Override
  public void write(ObjectNode details) {
    details.put("step", step);
    details.put("environment", environment);
    details.put("image_reference", image);
    details.put("target", target);
    if (!reason.isEmpty()) {
      details.put("reason", reason);
    }
  }
}
