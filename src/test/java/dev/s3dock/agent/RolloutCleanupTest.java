package dev.s3dock.agent;

import static dev.s3dock.agent.SimulatedFleet.V1;
import static dev.s3dock.agent.SimulatedFleet.V2;
import static dev.s3dock.agent.SimulatedFleet.V3;
import static dev.s3dock.agent.SimulatedFleet.plan;
import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.image.ImageReference;
import dev.s3dock.registry.BucketLayout;
import dev.s3dock.rollout.RolloutPhase;
import dev.s3dock.rollout.RolloutPlan.OnFailure;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.Precondition;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What hosts have marked of rollouts, and what {@code cleanup} leaves of it. */
class RolloutCleanupTest {
  private static final Duration MORE_THAN_A_DAY = Duration.ofHours(25);

  private final SimulatedFleet fleet = new SimulatedFleet(29);

  @BeforeEach
  void start() throws InterruptedException {
    fleet.of(4, 1);
  }

  @AfterEach
  void close() {
    fleet.close();
  }

  private String rollOut(ImageReference image) throws InterruptedException {
    fleet.promote(image, plan("canary", "2", 1, OnFailure.PAUSE));
    assertThat(
            fleet.until(
                () ->
                    fleet.running(image).size() == 4
                        && fleet.view().condition().phase() == RolloutPhase.DONE,
                Duration.ofHours(3)))
        .isTrue();
    return fleet.rollout().orElseThrow().target();
  }

  private static String folder(String target) {
    return BucketLayout.markFolder(SimulatedFleet.APP, SimulatedFleet.PRODUCTION, target);
  }

  @Test
  void marks_go_a_day_after_the_rollout_is_over_and_those_of_the_present_one_stay()
      throws Exception {
    String first = rollOut(V2);
    String second = rollOut(V3);
    assertThat(fleet.keys(folder(first))).hasSize(8);
    assertThat(fleet.cleanup(true)).isEmpty(); // too young

    fleet.run(MORE_THAN_A_DAY);
    assertThat(fleet.cleanup(false)).containsExactly(folder(first));
    assertThat(fleet.keys(folder(first))).hasSize(8);
    assertThat(fleet.cleanup(true)).containsExactly(folder(first));
    assertThat(fleet.keys(folder(first))).isEmpty();
    assertThat(fleet.keys(folder(second))).hasSize(8);
    assertThat(fleet.view().condition().phase()).isEqualTo(RolloutPhase.DONE);
    assertThat(fleet.cleanup(true)).isEmpty();
    assertThat(fleet.formerTarget()).isEqualTo(V2);
  }

  @Test
  void a_promotion_to_all_at_once_ends_a_rollout_too() throws Exception {
    String target = rollOut(V2);
    fleet.promote(V1);
    fleet.run(MORE_THAN_A_DAY);
    assertThat(fleet.cleanup(true)).containsExactly(folder(target));
    assertThat(fleet.keys(BucketLayout.ROLLOUTS)).isEmpty();
  }

  /** Held for days, and it goes on: its limits hang on marks that are older than any grace. */
  @Test
  void marks_of_a_rollout_that_is_paused_for_days_stay() throws Exception {
    fleet.promote(V2, plan("", "1", 1, OnFailure.PAUSE));
    fleet.until(() -> fleet.running(V2).size() == 1, Duration.ofHours(1));
    fleet.rollouts().control().pause(fleet.rollout().orElseThrow(), "the weekend");
    fleet.run(MORE_THAN_A_DAY);
    List<ObjectKey> marks = fleet.keys(BucketLayout.ROLLOUTS);
    assertThat(marks).isNotEmpty();
    assertThat(fleet.cleanup(true)).isEmpty();
    assertThat(fleet.keys(BucketLayout.ROLLOUTS)).isEqualTo(marks);
  }

  @Test
  void what_is_no_mark_is_left_alone() throws Exception {
    ObjectKey note = new ObjectKey("rollouts/shop/production/notes.txt");
    fleet.store.put(note, "mine".getBytes(StandardCharsets.UTF_8), Precondition.none());
    fleet.run(MORE_THAN_A_DAY);
    assertThat(fleet.cleanup(true)).isEmpty();
    assertThat(fleet.keys(BucketLayout.ROLLOUTS)).containsExactly(note);
  }
}
