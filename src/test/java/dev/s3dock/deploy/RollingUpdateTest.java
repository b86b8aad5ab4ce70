package dev.s3dock.deploy;

import static dev.s3dock.deploy.SimulatedDeploys.V1;
import static dev.s3dock.deploy.SimulatedDeploys.V2;
import static dev.s3dock.deploy.SimulatedDeploys.V3;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.s3dock.deploy.service.DeployException;
import dev.s3dock.deploy.service.DeployProgress;
import dev.s3dock.deploy.service.Handover;
import dev.s3dock.deploy.service.Hooks;
import dev.s3dock.deploy.service.UpdateStrategy;
import dev.s3dock.image.ImageReference;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Several containers of one app on a host that are replaced one after the other. */
class RollingUpdateTest {
  private static final int MORE_THAN_ENOUGH = 900;

  /** All calls with {@code -Ds3dock.all=true}; else some, not the same in each test. */
  private static final int STRIDE = Boolean.getBoolean("s3dock.all") ? 1 : 8;

  @TempDir Path locks;

  private SimulatedDeploys withV1Live(int replicas, ImageReference... unfit)
      throws InterruptedException {
    SimulatedDeploys deploys =
        new SimulatedDeploys(locks, Set.of(unfit))
            .replicas(replicas)
            .update(UpdateStrategy.ROLLING);
    deploys.withLive(V3, V1); // so that one is kept already
    deploys.host.count();
    return deploys;
  }

  private static List<String> times(int count, String text) {
    return Collections.nCopies(count, text);
  }

  private static void assertServed(SimulatedDeploys deploys, int call, ImageReference... by) {
    assertThat(deploys.host.served()).as("killed at call %d", call).isNotEmpty();
    assertThat(List.of(by).stream().map(ImageReference::toString).toList())
        .as("killed at call %d", call)
        .containsAll(deploys.host.served());
  }

  private static final Hooks FAILING =
      (point, _) -> {
        if (point == Hooks.Point.POST_SWITCH) {
          throw new DeployException(DeployException.Kind.FAILED, "no");
        }
      };

  private static void fail(SimulatedDeploys deploys) throws InterruptedException {
    try {
      deploys
          .deployer(SimulatedDeploys.settings(1, false), FAILING)
          .deploy(SimulatedDeploys.request(false));
    } catch (DeployException e) {
      assertThat(e).hasMessageContaining(V1 + " serves again");
      return;
    }
    throw new AssertionError("it went live");
  }

  @Test
  void each_new_one_takes_the_place_of_an_old_one_and_the_last_one_that_of_the_rest()
      throws InterruptedException {
    SimulatedDeploys deploys = withV1Live(3);
    deploys.promote(V2);
    int before = deploys.host.changes().size();
    assertThat(deploys.deploy().containers()).hasSize(3);
    assertThat(deploys.host.changes().subList(before, deploys.host.changes().size()))
        .filteredOn(change -> !change.startsWith("release"))
        .containsExactly(
            "create " + V2,
            "start " + V2,
            "share blue 1, green 2",
            "stop " + V1,
            "create " + V2,
            "start " + V2,
            "share blue 2, green 1",
            "stop " + V1,
            "create " + V2,
            "start " + V2,
            "direct to blue",
            "rename " + V2,
            "rename " + V2,
            "rename " + V2,
            "stop " + V1, // all of it: those that have stopped are no error
            "stop " + V1,
            "stop " + V1,
            "remove " + V3,
            "remove " + V3,
            "remove " + V3);
    deploys.assertSettled(3, V2, V1);
    assertThat(deploys.host.mostRunning()).isEqualTo(4);
    assertThat(deploys.host.fewestServing()).isEqualTo(3);
    assertThat(deploys.deploy().skipped()).isTrue();
  }

  @Test
  void one_alone_is_replaced_as_ever() throws InterruptedException {
    SimulatedDeploys deploys = withV1Live(1);
    deploys.promote(V2);
    deploys.deploy();
    deploys.assertSettled(1, V2, V1);
    assertThat(deploys.host.changes()).noneMatch(change -> change.startsWith("share"));
  }

  @Test
  void the_first_one_that_is_not_fit_gets_no_traffic() throws InterruptedException {
    SimulatedDeploys deploys = withV1Live(3, V2);
    deploys.promote(V2);
    assertThatExceptionOfType(DeployException.class)
        .isThrownBy(deploys::deploy)
        .withMessageContaining("-1-candidate: its program ended")
        .withMessageContaining(V1 + " still serves");
    deploys.assertSettled(3, V1, V3);
    assertThat(deploys.host.fewestServing()).isEqualTo(3);
  }

  @Test
  void a_failure_at_the_end_brings_the_old_ones_back_one_for_one() throws InterruptedException {
    SimulatedDeploys deploys = withV1Live(3);
    deploys.promote(V2);
    fail(deploys);
    deploys.assertSettled(3, V1, V3);
    assertThat(deploys.host.mostRunning()).isEqualTo(4);
    assertThat(deploys.host.fewestServing()).isEqualTo(3);
  }

  /** One of the new ones that has died says that the image is bad. */
  @Test
  void new_ones_that_die_on_the_way_leave_the_traffic_to_the_old_ones_at_once()
      throws InterruptedException {
    SimulatedDeploys deploys = withV1Live(3);
    deploys.promote(V2);
    deploys.host.beforeStop(() -> deploys.host.end(V2.toString(), 1));
    assertThatExceptionOfType(DeployException.class)
        .isThrownBy(deploys::deploy)
        .withMessageContaining("its program ended")
        .withMessageContaining(V1 + " serves again");
    deploys.assertSettled(3, V1, V3);
    assertThat(deploys.host.mostRunning()).isLessThanOrEqualTo(4);
  }

  @Test
  void an_old_one_that_dies_on_the_way_does_not_hold_it_up() throws InterruptedException {
    SimulatedDeploys deploys = withV1Live(3);
    deploys.promote(V2);
    deploys.host.beforeStop(
        () -> {
          deploys.host.beforeStop(() -> {});
          deploys.host.end(V1.toString(), 2);
        });
    deploys.deploy();
    deploys.assertSettled(3, V2, V1);
  }

  @Test
  void an_old_one_that_cannot_be_started_again_is_left_out() throws InterruptedException {
    SimulatedDeploys deploys = withV1Live(3);
    deploys.promote(V2);
    List<String> notes = new ArrayList<>();
    DeployProgress progress =
        new DeployProgress() {
          @Override
          public void note(String text) {
            notes.add(text);
          }
        };
    Hooks hooks =
        (point, facts) -> {
          if (point == Hooks.Point.POST_SWITCH) {
            deploys.host.breakOneStopped(V1.toString());
          }
          FAILING.run(point, facts);
        };
    assertThatExceptionOfType(DeployException.class)
        .isThrownBy(
            () ->
                deploys
                    .deployer(SimulatedDeploys.settings(1, false), hooks, progress)
                    .deploy(SimulatedDeploys.request(false)))
        .withMessageContaining(V1 + " serves again");
    assertThat(deploys.host.served()).isEqualTo(times(2, V1.toString()));
    assertThat(notes).anyMatch(note -> note.contains("cannot be started"));
  }

  @Test
  void an_interrupted_one_goes_back() throws InterruptedException {
    SimulatedDeploys deploys = withV1Live(3);
    deploys.promote(V2);
    deploys.host.beforeStop(
        () -> {
          deploys.host.beforeStop(() -> {});
          Thread.currentThread().interrupt();
        });
    assertThatExceptionOfType(DeployException.class)
        .isThrownBy(deploys::deploy)
        .withMessageContaining("interrupted");
    assertThat(Thread.interrupted()).isTrue();
    assertThat(deploys.host.served()).isEqualTo(times(3, V1.toString()));
  }

  @Test
  void until_it_has_ended_the_old_image_is_the_one_that_serves() throws InterruptedException {
    SimulatedDeploys deploys = withV1Live(2);
    deploys.promote(V2);
    List<Standing> seen = new ArrayList<>();
    List<String> states = new ArrayList<>();
    deploys.host.beforeStop(
        () -> {
          seen.add(standing(deploys));
          states.add(deploys.status());
        });
    deploys.deploy();
    assertThat(states.getFirst())
        .isEqualTo(
            V1 + " healthy (2); the deployment of " + V2 + " is replacing it, and has not ended");
    assertThat(states.getLast()).isEqualTo(V2 + " healthy (2)");
    assertThat(seen).hasSize(3);
    assertThat(seen.getFirst())
        .isInstanceOfSatisfying(
            Standing.Live.class,
            live -> {
              assertThat(live.image()).isEqualTo(V1);
              assertThat(live.proven()).isFalse();
              assertThat(live.problem()).isEmpty();
            });
    assertThat(seen.getLast().running()).contains(V2); // confirmed; the last old one is stopped
  }

  private static Standing standing(SimulatedDeploys deploys) {
    try {
      return deploys.deployer(SimulatedDeploys.settings(1, false)).standing();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void the_plan_tells_it() throws InterruptedException {
    SimulatedDeploys deploys = withV1Live(3);
    deploys.promote(V2);
    assertThat(
            deploys
                .deployer(SimulatedDeploys.settings(1, false))
                .plan(SimulatedDeploys.request(false)))
        .anyMatch(line -> line.startsWith("start one of it, the first of 3 as "))
        .anyMatch(line -> line.contains("stop it, start the new one"));
  }

  @Test
  void it_does_not_go_with_keep_warm() {
    SimulatedDeploys deploys = new SimulatedDeploys(locks, Set.of()).update(UpdateStrategy.ROLLING);
    assertThatThrownBy(() -> deploys.deployer(SimulatedDeploys.settings(1, true)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("keep_warm", "update");
  }

  @ParameterizedTest
  @CsvSource({"1,3", "3,2", "2,3", "3,1"})
  void another_number_killed_at_any_call_converges(int from, int to) throws InterruptedException {
    int call = from + to - 3;
    boolean killed = true;
    for (; killed && call < MORE_THAN_ENOUGH; call += STRIDE) {
      SimulatedDeploys deploys = withV1Live(from).replicas(to);
      killed = deploys.isKilledAt(call, deploys::deploy);
      assertServed(deploys, call, V1);
      deploys.deploy();
      assertThat(deploys.host.served()).isEqualTo(times(to, V1.toString()));
      assertThat(deploys.host.running()).hasSize(to);
      assertThat(deploys.host.mostRunning())
          .as("killed at call %d", call)
          .isLessThanOrEqualTo(to == 1 ? 4 : Math.max(from, to) + 1);
    }
    assertThat(call).isBetween(20, MORE_THAN_ENOUGH - 1);
  }

  @Test
  void killed_at_any_call_somebody_serves_and_the_next_one_converges() throws InterruptedException {
    int call = 1;
    boolean killed = true;
    for (; killed && call < MORE_THAN_ENOUGH; call += STRIDE) {
      SimulatedDeploys deploys = withV1Live(3);
      deploys.promote(V2);
      killed = deploys.isKilledAt(call, deploys::deploy);
      assertServed(deploys, call, V1, V2);
      deploys.deploy();
      deploys.assertSettled(3, V2, V1);
      assertThat(deploys.recorded())
          .as("killed at call %d", call)
          .doesNotHaveDuplicates()
          .hasSize(3);
      assertThat(deploys.host.mostRunning()).as("killed at call %d", call).isEqualTo(4);
      assertThat(deploys.host.fewestServing()).as("killed at call %d", call).isEqualTo(3);
    }
    assertThat(call).isBetween(40, MORE_THAN_ENOUGH - 1);
  }

  @Test
  void killed_on_its_way_back_the_next_one_converges() throws InterruptedException {
    int call = 2;
    boolean killed = true;
    for (; killed && call < MORE_THAN_ENOUGH; call += STRIDE) {
      SimulatedDeploys deploys = withV1Live(3);
      deploys.promote(V2);
      killed = deploys.isKilledAt(call, () -> fail(deploys));
      assertServed(deploys, call, V1, V2);
      deploys.promote(V1);
      deploys.deploy();
      assertThat(deploys.host.served()).as("killed at call %d", call).hasSize(3);
      assertThat(deploys.host.mostRunning()).as("killed at call %d", call).isLessThanOrEqualTo(4);
      assertThat(deploys.host.fewestServing()).as("killed at call %d", call).isEqualTo(3);
    }
    assertThat(call).isBetween(60, MORE_THAN_ENOUGH - 1);
  }

  /** It was told to give up by one that has died, and is killed while it does. */
  @Test
  void killed_while_it_leaves_dead_ones_the_next_one_converges() throws InterruptedException {
    int call = 3;
    boolean killed = true;
    for (; killed && call < MORE_THAN_ENOUGH; call += STRIDE) {
      SimulatedDeploys deploys = withV1Live(3);
      deploys.promote(V2);
      deploys.host.beforeStop(() -> deploys.host.end(V2.toString(), 1));
      killed =
          deploys.isKilledAt(
              call,
              () -> {
                try {
                  deploys.deploy();
                } catch (DeployException e) {
                  assertThat(e).hasMessageContaining("its program ended");
                }
              });
      assertThat(deploys.host.served()).as("killed at call %d", call).contains(V1.toString());
      deploys.host.beforeStop(() -> {});
      deploys.deploy();
      assertThat(deploys.host.served()).isEqualTo(times(3, V2.toString()));
      assertThat(deploys.host.mostRunning()).as("killed at call %d", call).isLessThanOrEqualTo(4);
    }
    assertThat(call).isBetween(40, MORE_THAN_ENOUGH - 1);
  }

  @Test
  void a_rollback_wakes_what_is_kept_one_after_the_other_and_killed_at_any_call_converges()
      throws InterruptedException {
    int call = 4;
    boolean killed = true;
    for (; killed && call < MORE_THAN_ENOUGH; call += STRIDE) {
      SimulatedDeploys deploys = withV1Live(2);
      deploys.promote(V2);
      deploys.deploy();
      deploys.promotions.back(SimulatedDeploys.APP, SimulatedDeploys.PRODUCTION, deploys.trail);
      deploys.host.count();
      int before = deploys.host.changes().size();
      killed = deploys.isKilledAt(call, deploys::goBack);
      if (!killed) {
        assertThat(deploys.host.changes().subList(before, deploys.host.changes().size()))
            .noneMatch(change -> change.startsWith("create"));
        assertThat(deploys.host.mostRunning()).isEqualTo(3);
      }
      assertServed(deploys, call, V1, V2);
      deploys.goBack();
      deploys.assertSettled(2, V1, V2);
    }
    assertThat(call).isBetween(30, MORE_THAN_ENOUGH - 1);
  }

  @Test
  void the_setting_may_change_after_a_kill() throws InterruptedException {
    int call = 3;
    boolean killed = true;
    for (; killed && call < MORE_THAN_ENOUGH; call += STRIDE) {
      SimulatedDeploys deploys = withV1Live(2);
      deploys.promote(V2);
      killed = deploys.isKilledAt(call, deploys::deploy);
      deploys.update(UpdateStrategy.ALL_AT_ONCE).deploy();
      deploys.assertSettled(2, V2, V1);
    }
    assertThat(call).isBetween(30, MORE_THAN_ENOUGH - 1);
  }

  @Test
  void requests_on_either_side_end_there_also_after_a_kill() throws InterruptedException {
    int call = 2;
    boolean killed = true;
    for (; killed && call < MORE_THAN_ENOUGH; call += 3 * STRIDE) {
      SimulatedDeploys deploys = withV1Live(2);
      Deployer deployer =
          deploys.deployer(SimulatedDeploys.draining(false), Hooks.NONE, DeployProgress.NONE);
      deploys.promote(V2);
      killed = deploys.isKilledAt(call, () -> deployer.deploy(SimulatedDeploys.request(false)));
      deploys.host.open(V1.toString(), 2);
      deploys.host.open(V2.toString(), 2);
      deploys.promote(V3);
      deployer.deploy(SimulatedDeploys.request(false));
      assertThat(deploys.host.cut()).as("killed at call %d", call).isEmpty();
    }
    assertThat(call).isBetween(30, MORE_THAN_ENOUGH - 1);
  }

  private SimulatedDeploys workers(Handover order, int replicas, ImageReference... unfit)
      throws InterruptedException {
    SimulatedDeploys deploys =
        new SimulatedDeploys(locks, Set.of(unfit))
            .replicas(replicas)
            .update(UpdateStrategy.ROLLING);
    for (ImageReference image : List.of(V3, V1)) {
      deploys.promote(image);
      deploys.deployWorker(order);
    }
    deploys.host.count();
    deploys.promote(V2);
    return deploys;
  }

  @Test
  void workers_that_start_first_are_never_fewer_and_those_that_stop_first_never_more()
      throws InterruptedException {
    SimulatedDeploys more = workers(Handover.START_FIRST, 3);
    int before = more.host.changes().size();
    more.deployWorker(Handover.START_FIRST);
    assertThat(more.host.changes().subList(before, before + 5))
        .containsExactly(
            "create " + V2, "start " + V2, "stop " + V1, "create " + V2, "start " + V2);
    assertThat(more.host.mostRunning()).isEqualTo(4);
    SimulatedDeploys fewer = workers(Handover.STOP_FIRST, 3);
    before = fewer.host.changes().size();
    fewer.deployWorker(Handover.STOP_FIRST);
    assertThat(fewer.host.changes().subList(before, before + 9))
        .containsExactly(
            "stop " + V1,
            "create " + V2,
            "start " + V2,
            "stop " + V1,
            "create " + V2,
            "start " + V2,
            "stop " + V1,
            "create " + V2,
            "start " + V2);
    assertThat(fewer.host.mostRunning()).isEqualTo(3);
  }

  @ParameterizedTest
  @EnumSource(names = {"START_FIRST", "STOP_FIRST"})
  void unfit_workers_give_way_to_those_before(Handover order) throws InterruptedException {
    SimulatedDeploys deploys = workers(order, 3, V2);
    assertThatExceptionOfType(DeployException.class)
        .isThrownBy(() -> deploys.deployWorker(order))
        .withMessageContaining("its program ended");
    assertThat(deploys.host.running()).isEqualTo(times(3, V1.toString()));
  }

  @ParameterizedTest
  @EnumSource(names = {"START_FIRST", "STOP_FIRST"})
  void workers_killed_at_any_call_converge(Handover order) throws InterruptedException {
    int call = order == Handover.STOP_FIRST ? 2 : 1;
    int most = order == Handover.STOP_FIRST ? 3 : 4;
    boolean killed = true;
    for (; killed && call < MORE_THAN_ENOUGH; call += STRIDE) {
      SimulatedDeploys deploys = workers(order, 3);
      killed = deploys.isKilledAt(call, () -> deploys.deployWorker(order));
      assertThat(deploys.host.running())
          .as("killed at call %d", call)
          .hasSizeGreaterThanOrEqualTo(order == Handover.STOP_FIRST ? 2 : 3);
      deploys.deployWorker(order);
      assertThat(deploys.host.picture())
          .containsExactlyInAnyOrderElementsOf(
              Stream.concat(times(3, V2 + " RUNNING").stream(), times(3, V1 + " EXITED").stream())
                  .toList());
      assertThat(deploys.host.names()).noneMatch(name -> name.endsWith("-candidate"));
      assertThat(deploys.host.mostRunning())
          .as("killed at call %d", call)
          .isLessThanOrEqualTo(most);
    }
    assertThat(call).isBetween(30, MORE_THAN_ENOUGH - 1);
  }
}
