package dev.s3dock.agent;

import static dev.s3dock.agent.SimulatedFleet.V1;
import static dev.s3dock.agent.SimulatedFleet.V2;
import static dev.s3dock.agent.SimulatedFleet.V3;
import static dev.s3dock.agent.SimulatedFleet.plan;
import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.agent.SimulatedFleet.SimulatedAgent;
import dev.s3dock.deploy.Standing;
import dev.s3dock.rollout.RolloutPhase;
import dev.s3dock.rollout.RolloutPlan.OnFailure;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Rollouts over simulated hosts, whose agents are the real ones. */
class FleetTest {
  private final SimulatedFleet fleet = new SimulatedFleet(17);
  private int most;

  @AfterEach
  void close() {
    fleet.close();
  }

  private void watch(int limit) {
    fleet.begun =
        () -> {
          most = Math.max(most, fleet.active());
          assertThat(fleet.active()).isLessThanOrEqualTo(limit);
        };
  }

  private boolean done() {
    return fleet.running(V2).size() == fleet.agents.size()
        && fleet.view().condition().phase() == RolloutPhase.DONE;
  }

  @Test
  void a_rollout_over_100_hosts_ends_within_its_limits_and_few_requests() throws Exception {
    fleet.of(100, 3);
    assertThat(fleet.running(V1)).hasSize(100);
    watch(25);
    fleet.promote(V2, plan("label=canary", "25%", 1, OnFailure.PAUSE));
    fleet.forget();
    assertThat(fleet.rollout().orElseThrow().canaries())
        .containsExactly("host-0000", "host-0001", "host-0002");
    fleet.until(() -> !fleet.triedWith(V2).isEmpty(), Duration.ofHours(1));
    fleet.run(Duration.ofMinutes(9));
    assertThat(fleet.triedWith(V2)).containsExactly("host-0000", "host-0001", "host-0002");

    assertThat(fleet.until(this::done, Duration.ofHours(2))).isTrue();

    assertThat(most).isEqualTo(25);
    int looks = (int) (fleet.time().toSeconds() / SimulatedFleet.INTERVAL.toSeconds());
    int heartbeats = (int) (fleet.time().toMinutes() / 5 + 1);
    for (SimulatedAgent agent : fleet.agents.values()) {
      assertThat(agent.requests("GET pointers")).isLessThanOrEqualTo(looks + 5);
      assertThat(agent.requests("(?!GET pointers).*") - 2 * heartbeats)
          .as(agent.name + " " + agent.requests)
          .isLessThanOrEqualTo(20);
    }
  }

  @Test
  void a_bad_image_reaches_the_canaries_alone_and_goes_back() throws Exception {
    fleet.of(12, 2);
    fleet.unfit = it -> it.equals(V2.tag() + " host-0001");
    fleet.promote(V2, plan("canary", "50%", 1, OnFailure.ROLLBACK));

    assertThat(fleet.until(() -> fleet.rollout().isEmpty(), Duration.ofHours(1))).isTrue();
    fleet.run(Duration.ofMinutes(5));

    assertThat(fleet.triedWith(V2)).allMatch(name -> name.matches("host-000[01]"));
    assertThat(fleet.running(V1)).hasSize(12);
    assertThat(fleet.keys("audit/shop/")).anyMatch(key -> key.value().contains("-rollout-"));
  }

  @Test
  void too_many_failures_pause_and_hosts_that_are_done_stay() throws Exception {
    fleet.of(12, 1);
    fleet.unfit = it -> it.startsWith(V2.tag()) && it.endsWith("5");
    fleet.promote(V2, plan("canary", "3", 1, OnFailure.PAUSE));

    assertThat(
            fleet.until(
                () -> fleet.rollout().orElseThrow().paused().isPresent(), Duration.ofHours(2)))
        .isTrue();
    fleet.run(Duration.ofMinutes(30));

    int done = fleet.running(V2).size();
    assertThat(done).isBetween(1, 11);
    assertThat(fleet.running(V1)).hasSize(12 - done).contains("host-0005");

    fleet.unfit = _ -> false;
    fleet.rollouts().control().abort(fleet.rollout().orElseThrow(), "no");
    fleet.run(Duration.ofMinutes(5));
    assertThat(fleet.running(V1)).hasSize(12);
  }

  @Test
  void a_silent_host_is_passed_over_and_catches_up_when_it_is_back() throws Exception {
    fleet.of(8, 0);
    SimulatedAgent dead = fleet.agent("host-0004");
    dead.online = false;
    watch(2);
    fleet.promote(V2, plan("", "2", 1, OnFailure.PAUSE));

    assertThat(fleet.until(() -> fleet.running(V2).size() == 7, Duration.ofHours(3))).isTrue();
    assertThat(fleet.rollout().orElseThrow().paused()).isEmpty();

    dead.online = true;
    assertThat(fleet.until(this::done, Duration.ofHours(1))).isTrue();
  }

  @Test
  void a_host_that_joins_follows_in_its_turn() throws Exception {
    fleet.of(6, 0);
    watch(2);
    fleet.promote(V2, plan("", "2", 1, OnFailure.PAUSE));
    fleet.until(() -> fleet.running(V2).size() == 2, Duration.ofHours(1));
    for (int i = 0; i < 4; i++) {
      fleet.add("new-" + i);
    }
    assertThat(fleet.until(this::done, Duration.ofHours(3))).isTrue();
  }

  @Test
  void without_progress_the_rollout_pauses_and_says_so() throws Exception {
    fleet.of(4, 0);
    fleet.promote(V2, plan("", "1", 1, OnFailure.ROLLBACK));
    String first = fleet.view().inOrder().getFirst().host();
    SimulatedAgent stuck = fleet.agent(first);
    stuck.standing = new Standing.Unknown("the engine does not answer");

    assertThat(
            fleet.until(
                () -> fleet.rollout().orElseThrow().paused().isPresent(), Duration.ofHours(2)))
        .isTrue();
    assertThat(fleet.rollout().orElseThrow().paused().orElseThrow().reason()).contains("deadline");
    fleet.run(Duration.ofHours(1));
    assertThat(fleet.triedWith(V2)).isEmpty();

    stuck.standing = new Standing.Live(V1, "d1", "blue", true, true, Optional.empty());
    fleet.rollouts().control().resume(fleet.rollout().orElseThrow());
    assertThat(fleet.until(this::done, Duration.ofHours(2))).isTrue();
  }

  @Test
  void clocks_that_are_a_day_off_change_nothing() throws Exception {
    for (int i = 0; i < 6; i++) {
      fleet.add("host-" + i, Duration.ofDays(i % 3 - 1), i == 0 ? "canary" : "web");
    }
    fleet.run(Duration.ofMinutes(4));
    watch(2);
    fleet.promote(V2, plan("canary", "2", 1, OnFailure.PAUSE));
    assertThat(fleet.until(this::done, Duration.ofHours(3))).isTrue();
  }

  @Test
  void a_promotion_in_the_middle_of_another_goes_back_to_what_was_healthy() throws Exception {
    fleet.of(6, 1);
    fleet.promote(V2, plan("canary", "2", 1, OnFailure.PAUSE));
    fleet.until(() -> fleet.running(V2).size() == 1, Duration.ofHours(1));
    fleet.promote(V3, plan("canary", "2", 1, OnFailure.ROLLBACK));
    fleet.unfit = it -> it.startsWith(V3.tag());

    assertThat(fleet.until(() -> fleet.rollout().isEmpty(), Duration.ofHours(1))).isTrue();
    fleet.run(Duration.ofMinutes(5));

    assertThat(fleet.triedWith(V2)).containsExactly("host-0000");
    assertThat(fleet.triedWith(V3)).containsExactly("host-0000");
    assertThat(fleet.running(V1)).hasSize(6);
  }

  @Test
  void an_abort_at_any_moment_brings_all_back() throws Exception {
    for (int minute = 1; minute < 50; minute += 7) {
      try (SimulatedFleet hosts = new SimulatedFleet(minute).of(6, 1)) {
        hosts.promote(V2, plan("canary", "2", 1, OnFailure.PAUSE));
        hosts.run(Duration.ofMinutes(minute));
        hosts.rollouts().control().abort(hosts.rollout().orElseThrow(), "");
        hosts.run(Duration.ofMinutes(6));
        assertThat(hosts.running(V1)).as("minute " + minute).hasSize(6);
        int tried = hosts.triedWith(V2).size();
        hosts.run(Duration.ofMinutes(20));
        assertThat(hosts.triedWith(V2)).hasSize(tried);
      }
    }
  }
}
