package dev.s3dock.deploy;

import static dev.s3dock.deploy.SimulatedDeploys.V1;
import static dev.s3dock.deploy.SimulatedDeploys.V2;
import static dev.s3dock.deploy.SimulatedDeploys.V3;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.s3dock.deploy.Deployer.Deployed;
import dev.s3dock.deploy.loadbalancer.Backend;
import dev.s3dock.deploy.service.DeployException;
import dev.s3dock.deploy.service.Handover;
import dev.s3dock.deploy.service.Hooks;
import dev.s3dock.image.ImageReference;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Several containers of one app on a host: they come and go together. */
class ReplicasTest {
  private static final int MORE_THAN_ENOUGH = 600;

  /** All calls with {@code -Ds3dock.all=true}; else some, not the same in each row. */
  private static final int STRIDE = Boolean.getBoolean("s3dock.all") ? 1 : 3;

  @TempDir Path locks;

  private SimulatedDeploys withV1Live(int replicas, ImageReference... unfit)
      throws InterruptedException {
    SimulatedDeploys deploys = new SimulatedDeploys(locks, Set.of(unfit)).replicas(replicas);
    deploys.withLive(V3, V1); // so that one is kept already
    return deploys;
  }

  private static List<String> times(int count, String text) {
    return Collections.nCopies(count, text);
  }

  private static void assertServed(SimulatedDeploys deploys, ImageReference... by) {
    assertThat(deploys.host.served()).isNotEmpty().doesNotContain("");
    assertThat(List.of(by).stream().map(ImageReference::toString).toList())
        .containsAll(deploys.host.served());
  }

  @Test
  void all_are_healthy_before_one_switch_and_the_old_ones_stop_after_it()
      throws InterruptedException {
    SimulatedDeploys deploys = withV1Live(2);
    deploys.promote(V2);
    int before = deploys.host.changes().size();
    Deployed deployed = deploys.deploy();
    assertThat(deploys.host.changes().subList(before, deploys.host.changes().size()))
        .filteredOn(change -> !change.startsWith("release"))
        .containsExactly(
            "create " + V2,
            "start " + V2,
            "create " + V2,
            "start " + V2,
            "direct to " + deployed.backend().orElseThrow().colour(),
            "rename " + V2,
            "rename " + V2,
            "stop " + V1,
            "stop " + V1,
            "remove " + V3,
            "remove " + V3);
    assertThat(deployed.backend().map(Backend::servers).orElseThrow()).hasSize(2);
    deploys.assertSettled(2, V2, V1);
    assertThat(deploys.host.names())
        .filteredOn(name -> name.contains(deployed.deployment()))
        .containsExactlyInAnyOrder(
            "my-app-production-" + deployed.deployment() + "-1",
            "my-app-production-" + deployed.deployment() + "-2");
    assertThat(deploys.deploy().skipped()).isTrue();
  }

  @Test
  void one_alone_has_no_number_and_no_label_of_it() throws InterruptedException {
    SimulatedDeploys deploys = withV1Live(1);
    Deployed again = deploys.deploy();
    assertThat(again.containers()).containsExactly("my-app-production-" + again.deployment());
    assertThat(deploys.host.list(Map.of()))
        .noneMatch(container -> container.labels().containsKey("dev.s3dock.replicas"));
    assertThat(deploys.replicas(2).deploy().skipped()).isFalse();
    assertThat(deploys.host.list(Map.of("dev.s3dock.replicas", "2"))).hasSize(2);
  }

  @Test
  void one_that_is_not_fit_keeps_all_from_the_traffic() throws InterruptedException {
    SimulatedDeploys deploys = withV1Live(3, V2);
    deploys.promote(V2);
    assertThatExceptionOfType(DeployException.class)
        .isThrownBy(deploys::deploy)
        .withMessageContaining("-1-candidate: its program ended")
        .withMessageContaining(V1 + " still serves");
    deploys.assertSettled(3, V1, V3);
  }

  @Test
  void another_number_makes_a_new_set_and_a_way_back_needs_the_same_number()
      throws InterruptedException {
    SimulatedDeploys deploys = withV1Live(1);
    assertThat(deploys.replicas(3).deploy().skipped()).isFalse();
    assertThat(deploys.host.served()).isEqualTo(times(3, V1.toString()));
    assertThat(deploys.replicas(2).deploy().skipped()).isFalse();
    assertThat(deploys.host.served()).isEqualTo(times(2, V1.toString()));
    deploys.promote(V2);
    deploys.deploy();
    deploys.promote(V1);
    int before = deploys.host.changes().size();
    deploys.replicas(3).goBack(); // two are kept
    assertThat(deploys.host.changes().subList(before, deploys.host.changes().size()))
        .contains("create " + V1);
    assertThat(deploys.host.served()).isEqualTo(times(3, V1.toString()));
  }

  @Test
  void a_rollback_wakes_all_that_are_kept() throws InterruptedException {
    SimulatedDeploys deploys = withV1Live(2);
    deploys.promote(V2);
    deploys.deploy();
    deploys.promotions.back(SimulatedDeploys.APP, SimulatedDeploys.PRODUCTION, deploys.trail);
    int before = deploys.host.changes().size();
    deploys.goBack();
    assertThat(deploys.host.changes().subList(before, deploys.host.changes().size()))
        .noneMatch(change -> change.startsWith("create"));
    deploys.assertSettled(2, V1, V2);
  }

  @Test
  void one_that_has_died_is_put_right_by_a_new_set_while_the_others_serve()
      throws InterruptedException {
    SimulatedDeploys deploys = withV1Live(3);
    deploys.host.end(V1.toString(), 1);
    assertThat(deploys.deployer(SimulatedDeploys.settings(1, false)).standing())
        .isInstanceOfSatisfying(
            Standing.Live.class,
            live -> assertThat(live.problem().orElseThrow()).contains("-1: its program ended"));
    assertThat(deploys.deploy().skipped()).isFalse();
    assertThat(deploys.host.served()).isEqualTo(times(3, V1.toString()));
  }

  @Test
  void what_is_left_of_the_old_ones_serves_again_if_their_successors_fail()
      throws InterruptedException {
    SimulatedDeploys deploys = withV1Live(3);
    deploys.host.end(V1.toString(), 1);
    deploys.promote(V2);
    Hooks hooks =
        (point, _) -> {
          if (point == Hooks.Point.POST_SWITCH) {
            throw new DeployException(DeployException.Kind.FAILED, "no");
          }
        };
    assertThatExceptionOfType(DeployException.class)
        .isThrownBy(
            () ->
                deploys
                    .deployer(SimulatedDeploys.settings(1, false), hooks)
                    .deploy(SimulatedDeploys.request(false)))
        .withMessageContaining(V1 + " serves again");
    assertThat(deploys.host.served()).isEqualTo(times(2, V1.toString()));
    deploys.deploy();
    assertThat(deploys.host.served()).isEqualTo(times(3, V2.toString()));
  }

  @Test
  void traffic_that_reaches_only_some_is_sent_to_all_of_them() throws InterruptedException {
    SimulatedDeploys deploys = withV1Live(2);
    Backend live = deploys.host.live().orElseThrow();
    deploys.host.serveFrom(new Backend(live.colour(), live.servers().subList(1, 2)));
    assertThat(deploys.deployer(SimulatedDeploys.settings(1, false)).standing())
        .isInstanceOfSatisfying(Standing.Live.class, it -> assertThat(it.problem()).isPresent());
    assertThat(deploys.deploy().skipped()).isTrue();
    assertThat(deploys.host.live()).contains(live);
  }

  @Test
  void killed_at_any_call_somebody_serves_and_the_next_one_converges() throws InterruptedException {
    int call = 1;
    boolean killed = true;
    for (; killed && call < MORE_THAN_ENOUGH; call += STRIDE) {
      SimulatedDeploys deploys = withV1Live(2);
      deploys.promote(V2);
      killed = deploys.isKilledAt(call, deploys::deploy);
      assertServed(deploys, V1, V2);
      deploys.deploy();
      deploys.assertSettled(2, V2, V1);
      assertThat(deploys.recorded())
          .as("killed at call %d", call)
          .doesNotHaveDuplicates()
          .hasSize(3);
    }
    assertThat(call).isBetween(20, MORE_THAN_ENOUGH - 1);
  }

  @Test
  void killed_while_one_of_the_old_ones_is_dead_somebody_serves_and_the_next_one_converges()
      throws InterruptedException {
    int call = 2;
    boolean killed = true;
    for (; killed && call < MORE_THAN_ENOUGH; call += STRIDE) {
      SimulatedDeploys deploys = withV1Live(2);
      deploys.host.end(V1.toString(), 1);
      deploys.promote(V2);
      killed = deploys.isKilledAt(call, deploys::deploy);
      assertThat(deploys.host.served()).as("killed at call %d", call).isNotEqualTo(List.of(""));
      deploys.deploy();
      deploys.assertSettled(2, V2, V1);
    }
    assertThat(call).isBetween(20, MORE_THAN_ENOUGH - 1);
  }

  @Test
  void a_rollback_killed_at_any_call_converges() throws InterruptedException {
    int call = 3;
    boolean killed = true;
    for (; killed && call < MORE_THAN_ENOUGH; call += STRIDE) {
      SimulatedDeploys deploys = withV1Live(2);
      deploys.promote(V2);
      deploys.deploy();
      deploys.promotions.back(SimulatedDeploys.APP, SimulatedDeploys.PRODUCTION, deploys.trail);
      killed = deploys.isKilledAt(call, deploys::goBack);
      assertServed(deploys, V1, V2);
      deploys.goBack();
      deploys.assertSettled(2, V1, V2);
    }
    assertThat(call).isBetween(20, MORE_THAN_ENOUGH - 1);
  }

  @Test
  void another_number_killed_at_any_call_converges() throws InterruptedException {
    int call = 4;
    boolean killed = true;
    for (; killed && call < MORE_THAN_ENOUGH; call += STRIDE) {
      SimulatedDeploys deploys = withV1Live(3).replicas(2);
      killed = deploys.isKilledAt(call, deploys::deploy);
      assertServed(deploys, V1);
      deploys.deploy();
      assertThat(deploys.host.served()).isEqualTo(times(2, V1.toString()));
      assertThat(deploys.host.running()).hasSize(2);
    }
    assertThat(call).isBetween(20, MORE_THAN_ENOUGH - 1);
  }

  @ParameterizedTest
  @EnumSource(names = {"START_FIRST", "STOP_FIRST"})
  void unfit_workers_give_way_to_all_of_those_before(Handover order) throws InterruptedException {
    SimulatedDeploys deploys = new SimulatedDeploys(locks, Set.of(V2)).replicas(3);
    deploys.promote(V1);
    deploys.deployWorker(order);
    deploys.promote(V2);
    assertThatExceptionOfType(DeployException.class)
        .isThrownBy(() -> deploys.deployWorker(order))
        .withMessageContaining("its program ended");
    assertThat(deploys.host.running()).isEqualTo(times(3, V1.toString()));
    assertThat(deploys.host.picture()).hasSize(3);
  }

  @ParameterizedTest
  @EnumSource(names = {"START_FIRST", "STOP_FIRST"})
  void workers_killed_at_any_call_converge(Handover order) throws InterruptedException {
    int call = order == Handover.STOP_FIRST ? 2 : 1;
    boolean killed = true;
    for (; killed && call < MORE_THAN_ENOUGH; call += STRIDE) {
      SimulatedDeploys deploys = new SimulatedDeploys(locks, Set.of()).replicas(2);
      for (ImageReference image : List.of(V3, V1)) {
        deploys.promote(image);
        deploys.deployWorker(order);
      }
      deploys.promote(V2);
      killed = deploys.isKilledAt(call, () -> deploys.deployWorker(order));
      if (order == Handover.START_FIRST) {
        assertThat(deploys.host.running()).as("killed at call %d", call).hasSizeGreaterThan(1);
      }
      deploys.deployWorker(order);
      assertThat(deploys.host.picture())
          .containsExactlyInAnyOrder(
              V2 + " RUNNING", V2 + " RUNNING", V1 + " EXITED", V1 + " EXITED");
      assertThat(deploys.host.names()).noneMatch(name -> name.endsWith("-candidate"));
      assertThat(deploys.host.mostRunning()).isEqualTo(order == Handover.STOP_FIRST ? 2 : 4);
    }
    assertThat(call).isBetween(15, MORE_THAN_ENOUGH - 1);
  }
}
