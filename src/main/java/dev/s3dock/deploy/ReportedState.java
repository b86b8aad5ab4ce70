package dev.s3dock.deploy;

import dev.s3dock.deploy.Status.Row;
import dev.s3dock.image.ImageReference;
import dev.s3dock.image.InvalidNameException;
import dev.s3dock.registry.report.AgentReport;
import dev.s3dock.registry.report.HostReport;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * What the report of a host amounts to: an agent that is silent is another thing than an app that
 * is not healthy, and than a host that is behind.
 *
 * @param running what runs there; empty if nothing does
 * @param state in words
 * @param healthy false if something is wrong
 */
record ReportedState(Optional<ImageReference> running, String state, boolean healthy) {
  /** An agent reports every five minutes; so three reports are missing. */
  static final Duration SILENT_AFTER = Duration.ofMinutes(15);

  private static final String FINE = "healthy";

  /** The host's turn in a rollout has not come; what was live before is, and healthy. */
  private static final String WAITING = "waiting";

  static ReportedState of(HostReport report, Instant now) {
    if (report.agent().isEmpty()) {
      return new ReportedState(report.image(), "reported " + report.heartbeat(), true);
    }
    AgentReport word = report.agent().get();
    Optional<ImageReference> running = image(word.running());
    return silence(report, now)
        .map(text -> new ReportedState(running, text + "; it said: " + said(word), false))
        .orElseGet(
            () ->
                new ReportedState(running, said(word), word.state().equals(FINE) || waits(report)));
  }

  private static String said(AgentReport word) {
    String reason = word.reason();
    return switch (word.state()) {
      case FINE -> FINE;
      case "failed" -> "behind: " + word.wanted() + " failed here: " + reason;
      case "behind", "deploying", "held", WAITING ->
          word.state() + (reason.isEmpty() ? "" : ": " + reason);
      default -> "app " + word.state() + (reason.isEmpty() ? "" : ": " + reason);
    };
  }

  /** Says that an agent is silent; empty if there is none, or it is not. */
  static Optional<String> silence(HostReport report, Instant now) {
    return report
        .written()
        .filter(_ -> report.agent().isPresent())
        .filter(at -> Duration.between(at, now).compareTo(SILENT_AFTER) > 0)
        .map(_ -> "agent silent since " + report.heartbeat());
  }

  /** Why the agent has not brought live what it should; empty if it has, or says nothing. */
  static Optional<String> behind(HostReport report, Row row) {
    return row.isCurrent()
        ? Optional.empty()
        : report.agent().filter(word -> !word.state().equals(FINE)).map(ReportedState::said);
  }

  /** True if its agent waits for the turn of the host. */
  static boolean waits(HostReport report) {
    return report.agent().filter(word -> word.state().equals(WAITING)).isPresent();
  }

  private static Optional<ImageReference> image(String text) {
    try {
      return text.isEmpty() ? Optional.empty() : Optional.of(ImageReference.parse(text));
    } catch (InvalidNameException e) {
      return Optional.empty();
    }
  }
}
