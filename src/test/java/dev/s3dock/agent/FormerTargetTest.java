package dev.s3dock.agent;

import static dev.s3dock.agent.SimulatedFleet.V1;
import static dev.s3dock.agent.SimulatedFleet.V2;
import static dev.s3dock.agent.SimulatedFleet.V3;
import static dev.s3dock.agent.SimulatedFleet.plan;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.s3dock.image.ImageReference;
import dev.s3dock.registry.RegistryException;
import dev.s3dock.rollout.RolloutPlan.OnFailure;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Where {@code rollback} goes after rollouts that came to no good end, although some hosts had
 * brought their image live. The hosts are simulated, their agents are the real ones.
 */
class FormerTargetTest {
  private final SimulatedFleet fleet = new SimulatedFleet(23);

  @BeforeEach
  void start() throws InterruptedException {
    fleet.of(6, 2);
  }

  @AfterEach
  void close() {
    fleet.close();
  }

  private void everywhere(ImageReference image) throws InterruptedException {
    fleet.promote(image);
    fleet.until(() -> fleet.running(image).size() == 6, Duration.ofHours(1));
  }

  /** One canary brings it live, the other one fails. */
  private void failOnOneCanary(ImageReference image, OnFailure onFailure)
      throws InterruptedException {
    fleet.unfit = it -> it.equals(image.tag() + " host-0001");
    fleet.promote(image, plan("canary", "50%", 1, onFailure));
    fleet.until(
        () ->
            fleet
                .rollout()
                .map(it -> it.paused().isPresent() && fleet.running(image).size() == 1)
                .orElse(true),
        Duration.ofHours(1));
  }

  private void oneCanaryIsLive(ImageReference image) throws InterruptedException {
    fleet.promote(image, plan("canary", "50%", 1, OnFailure.PAUSE));
    fleet.until(() -> !fleet.running(image).isEmpty(), Duration.ofHours(1));
  }

  @Test
  void an_image_that_was_rolled_back_by_itself_is_passed_over() throws Exception {
    everywhere(V2);
    failOnOneCanary(V3, OnFailure.ROLLBACK);
    assertThat(fleet.rollout()).isEmpty();
    assertThat(fleet.keys("audit/shop/")).anyMatch(it -> it.value().contains("-rollout-0aa0aa0"));
    assertThat(fleet.formerTarget()).isEqualTo(V1);
    fleet.run(Duration.ofMinutes(10));
    assertThat(fleet.formerTarget()).isEqualTo(V1);
  }

  @Test
  void where_nothing_else_was_healthy_it_is_refused() throws Exception {
    failOnOneCanary(V2, OnFailure.ROLLBACK);
    fleet.run(Duration.ofMinutes(10));
    assertThat(fleet.running(V1)).hasSize(6);
    assertThatThrownBy(fleet::formerTarget)
        .isInstanceOf(RegistryException.class)
        .hasMessageContaining("cannot be rolled back")
        .hasMessageContaining("--to");
  }

  @Test
  void an_image_that_was_aborted_is_passed_over() throws Exception {
    everywhere(V2);
    oneCanaryIsLive(V3);
    fleet.rollouts().control().abort(fleet.rollout().orElseThrow(), "no");
    fleet.run(Duration.ofMinutes(10));
    assertThat(fleet.running(V2)).hasSize(6);
    assertThat(fleet.formerTarget()).isEqualTo(V1);
  }

  @Test
  void from_a_paused_rollout_it_goes_to_what_was_before() throws Exception {
    failOnOneCanary(V2, OnFailure.PAUSE);
    assertThat(fleet.running(V2)).hasSize(1);
    assertThat(fleet.formerTarget()).isEqualTo(V1);
  }

  @Test
  void a_failed_image_that_somebody_has_promoted_away_from_is_passed_over() throws Exception {
    failOnOneCanary(V2, OnFailure.PAUSE);
    everywhere(V3);
    assertThat(fleet.formerTarget()).isEqualTo(V1);
  }

  @Test
  void so_is_one_that_was_paused_and_left() throws Exception {
    oneCanaryIsLive(V2);
    fleet.rollouts().control().pause(fleet.rollout().orElseThrow(), "wait");
    everywhere(V3);
    assertThat(fleet.formerTarget()).isEqualTo(V1);
  }

  @Test
  void a_pause_that_ended_does_not_count() throws Exception {
    fleet.promote(V2, plan("canary", "50%", 1, OnFailure.PAUSE));
    fleet.until(() -> fleet.running(V2).size() == 2, Duration.ofHours(1));
    fleet.rollouts().control().pause(fleet.rollout().orElseThrow(), "wait");
    fleet.rollouts().control().resume(fleet.rollout().orElseThrow());
    fleet.until(() -> fleet.running(V2).size() == 6, Duration.ofHours(2));
    everywhere(V3);
    assertThat(fleet.formerTarget()).isEqualTo(V2);
  }

  @Test
  void a_rollout_over_a_failed_one_goes_back_to_what_was_healthy() throws Exception {
    failOnOneCanary(V2, OnFailure.PAUSE);
    fleet.run(Duration.ofMinutes(15));
    assertThat(fleet.keys("rollouts/")).anyMatch(it -> it.value().endsWith(".healthy.json"));
    fleet.promote(V3, plan("canary", "50%", 1, OnFailure.ROLLBACK));
    assertThat(fleet.rollout().orElseThrow().back().orElseThrow().image()).isEqualTo(V1.toString());
  }

  @Test
  void an_image_that_failed_once_and_was_good_later_is_a_target_again() throws Exception {
    failOnOneCanary(V2, OnFailure.ROLLBACK);
    fleet.unfit = _ -> false;
    fleet.run(Duration.ofMinutes(10));
    fleet.promote(V2, plan("canary", "50%", 1, OnFailure.ROLLBACK));
    fleet.until(() -> fleet.running(V2).size() == 6, Duration.ofHours(2));
    everywhere(V3);
    assertThat(fleet.formerTarget()).isEqualTo(V2);
  }

  /** As before there were rollouts: the failure of one host is no verdict on those that serve. */
  @Test
  void where_all_follow_at_once_an_image_that_is_live_somewhere_counts() throws Exception {
    fleet.unfit = it -> it.equals(V2.tag() + " host-0001");
    fleet.promote(V2);
    fleet.until(() -> fleet.running(V2).size() == 5, Duration.ofHours(1));
    everywhere(V3);
    assertThat(fleet.formerTarget()).isEqualTo(V2);
  }
}
