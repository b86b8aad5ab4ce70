package dev.s3dock.registry.audit;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.s3dock.registry.Documents;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a deployment or a rollback did on one host.
 *
 * @param rollback true if it went back, by itself or because it was asked to
 * @param image what it was to bring live
 * @param running what is live on the host now
 * @param previous what was live before
 * @param outcome {@code live}, or {@code failed}
 * @param reason why it failed or went back
 * @param steps how long each step took, in milliseconds, in the order they ran
 */
public record DeploymentEvent(
    boolean rollback,
    String image,
    String environment,
    String deployment,
    String running,
    String previous,
    String outcome,
    String reason,
    Map<String, Long> steps)
    implements AuditEvent {
  static final String DEPLOYED = "deployment";
  static final String ROLLED_BACK = "rollback";

  private static final String LIVE = "live";

  public DeploymentEvent {
    steps = Collections.unmodifiableMap(new LinkedHashMap<>(steps));
  }

  /** True if it has brought its image live. */
  boolean isLive() {
    return outcome.equals(LIVE);
  }

  @Override
  public String type() {
    return rollback ? ROLLED_BACK : DEPLOYED;
  }

  static DeploymentEvent read(boolean rollback, ObjectNode details) {
    Map<String, Long> steps = new LinkedHashMap<>();
    details
        .path("durations_ms")
        .properties()
        .forEach(step -> steps.put(step.getKey(), step.getValue().asLong()));
    return new DeploymentEvent(
        rollback,
        Documents.text(details, "image_reference"),
        Documents.text(details, "environment"),
        Documents.text(details, "deployment"),
        Documents.text(details, "running"),
        Documents.text(details, "previous"),
        Documents.text(details, "outcome"),
        Documents.text(details, "reason"),
        steps);
  }

  @Override
  public void write(ObjectNode details) {
    details.put("environment", environment);
    details.put("deployment", deployment);
    details.put("image_reference", image);
    details.put("outcome", outcome);
    if (!running.isEmpty()) {
      details.put("running", running);
    }
    if (!previous.isEmpty()) {
      details.put("previous", previous);
    }
    if (!reason.isEmpty()) {
      details.put("reason", reason);
    }
    ObjectNode durations = details.putObject("durations_ms");
    steps.forEach(durations::put);
  }
}
