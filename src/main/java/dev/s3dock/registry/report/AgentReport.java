package dev.s3dock.registry.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.s3dock.registry.Documents;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What an agent says of an environment on its host; texts as they stand there.
 *
 * @param version of the agent
 * @param wanted the image that the environment is at; empty if that is not known
 * @param wantedSince when the agent first saw that, RFC 3339
 * @param running the image that is live; empty if none is
 * @param state one word: {@code healthy}, {@code deploying}, {@code behind}, {@code waiting},
 *     {@code held}, {@code failed}, {@code unhealthy} or {@code unknown}
 * @param reason why it is not healthy; empty if it is
 * @param live identifies the target that went live last: state of the pointer, and settings of the
 *     host; empty if none did
 * @param failed which target is not tried again
 * @param diskFree bytes that are free where images are fetched to
 * @param looked when it last looked at the pointer, RFC 3339
 * @param interval between two looks, in seconds
 * @param labels of the host
 */
public record AgentReport(
    String version,
    String wanted,
    String wantedSince,
    String running,
    String state,
    String reason,
    String live,
    Optional<FailedTarget> failed,
    long diskFree,
    String looked,
    long interval,
    List<String> labels) {
  /** Of a report, that holds all this. */
  static final String FIELD = "agent";

  private static final String FAILED = "failed";
  private static final String LABELS = "labels";

  public AgentReport {
    labels = List.copyOf(labels);
  }

  /** Of a host without labels. */
  public AgentReport(
      String version,
      String wanted,
      String wantedSince,
      String running,
      String state,
      String reason,
      String live,
      Optional<FailedTarget> failed,
      long diskFree,
      String looked,
      long interval) {
    this(
        version,
        wanted,
        wantedSince,
        running,
        state,
        reason,
        live,
        failed,
        diskFree,
        looked,
        interval,
        List.of());
  }

  /** The same at another time; for comparing what is said. */
  public AgentReport at(String time, long disk) {
    return new AgentReport(
        version,
        wanted,
        wantedSince,
        running,
        state,
        reason,
        live,
        failed,
        disk,
        time,
        interval,
        labels);
  }

  /** As a field of the report. */
  ObjectNode json() {
    ObjectNode agent = Documents.create();
    agent.put("version", version());
    agent.put("wanted", wanted());
    agent.put("wanted_since", wantedSince());
    agent.put("running", running());
    agent.put("state", state());
    agent.put("reason", reason());
    agent.put("live_target", live());
    agent.put("disk_free", diskFree());
    agent.put("looked_at", looked());
    agent.put("interval_seconds", interval());
    if (!labels.isEmpty()) {
      ArrayNode names = agent.putArray(LABELS);
      labels.forEach(names::add);
    }
    failed.ifPresent(
        it ->
            agent
                .putObject(FAILED)
                .put("target", it.target())
                .put("image_reference", it.image())
                .put("reason", it.reason())
                .put("at", it.at())
                .put(FailedTarget.ASKED, it.asked()));
    return agent;
  }

  /** What stands in a report; empty if no agent wrote it. */
  static Optional<AgentReport> of(ObjectNode document) {
    if (!(document.path(FIELD) instanceof ObjectNode agent)) {
      return Optional.empty();
    }
    Optional<FailedTarget> failed =
        agent.path(FAILED) instanceof ObjectNode it
            ? Optional.of(
                new FailedTarget(
                    Documents.text(it, "target"),
                    Documents.text(it, "image_reference"),
                    Documents.text(it, "reason"),
                    Documents.text(it, "at"),
                    Documents.text(it, FailedTarget.ASKED)))
            : Optional.empty();
    return Optional.of(
        new AgentReport(
            Documents.text(agent, "version"),
            Documents.text(agent, "wanted"),
            Documents.text(agent, "wanted_since"),
            Documents.text(agent, "running"),
            Documents.text(agent, "state"),
            Documents.text(agent, "reason"),
            Documents.text(agent, "live_target"),
            failed,
            agent.path("disk_free").asLong(),
            Documents.text(agent, "looked_at"),
            agent.path("interval_seconds").asLong(),
            labels(agent.path(LABELS))));
  }

  private static List<String> labels(JsonNode names) {
    List<String> labels = new ArrayList<>();
    names.forEach(name -> labels.add(name.asText()));
    return labels;
  }
}
