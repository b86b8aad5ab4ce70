package dev.s3dock.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.image.ImageReference;
import dev.s3dock.registry.report.AgentReport;
import dev.s3dock.registry.report.HostReport;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ReportedStateTest {
  private static final Instant NOW = Instant.parse("2025-08-02T07:30:00Z");
  private static final ImageReference V1 = ImageReference.parse("shop:20250720-1045-def5678");

  private static ReportedState of(String state, String reason, Duration age) {
    AgentReport word =
        new AgentReport(
            "1", "shop:v", "", V1.toString(), state, reason, "", Optional.empty(), 0, "", 15);
    return ReportedState.of(report(Optional.of(word), age), NOW);
  }

  private static HostReport report(Optional<AgentReport> word, Duration age) {
    return new HostReport(
        "production",
        "web-1",
        Optional.of(V1),
        Optional.empty(),
        "blue",
        "d",
        "2025-08-01T00:00:00Z",
        "2025-08-02T07:00:00Z",
        word,
        Optional.of(NOW.minus(age)));
  }

  @Test
  void an_agent_that_is_silent_is_told_from_an_app_that_is_ill_and_a_host_that_is_behind() {
    Duration fresh = Duration.ofMinutes(5);
    assertThat(of("healthy", "", fresh))
        .isEqualTo(new ReportedState(Optional.of(V1), "healthy", true));
    assertThat(of("healthy", "", Duration.ofMinutes(16)))
        .isEqualTo(
            new ReportedState(
                Optional.of(V1),
                "agent silent since 2025-08-02T07:00:00Z; it said: healthy",
                false));
    assertThat(of("unhealthy", "status 503", fresh).state()).isEqualTo("app unhealthy: status 503");
    assertThat(of("behind", "the store is away", fresh).state())
        .isEqualTo("behind: the store is away");
    assertThat(of("failed", "status 503", fresh).state())
        .isEqualTo("behind: shop:v failed here: status 503");
    assertThat(of("failed", "status 503", fresh).healthy()).isFalse();
    assertThat(of("waiting", "1 of 4 hosts is done", fresh))
        .isEqualTo(new ReportedState(Optional.of(V1), "waiting: 1 of 4 hosts is done", true));
    assertThat(of("held", "paused by ann", fresh).healthy()).isFalse();
  }

  @Test
  void a_host_without_an_agent_counts_as_right_however_old_its_report_is() {
    assertThat(ReportedState.of(report(Optional.empty(), Duration.ofDays(90)), NOW))
        .isEqualTo(new ReportedState(Optional.of(V1), "reported 2025-08-02T07:00:00Z", true));
  }
}
