package dev.s3dock.deploy;

import static dev.s3dock.deploy.SimulatedDeploys.V1;
import static dev.s3dock.deploy.SimulatedDeploys.V2;
import static dev.s3dock.deploy.SimulatedDeploys.V3;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.s3dock.deploy.service.DeployException;
import dev.s3dock.deploy.service.Handover;
import dev.s3dock.image.ImageReference;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Apps that take no requests: no load balancer says which container is the live one. */
class WorkerDeployTest {
  private static final int MORE_THAN_ENOUGH = 400;

  @TempDir Path locks;

  private SimulatedDeploys withV1Live(Handover order, ImageReference... unfit)
      throws InterruptedException {
    SimulatedDeploys deploys = new SimulatedDeploys(locks, Set.of(unfit));
    for (ImageReference image : List.of(V3, V1)) { // so that one is kept already
      deploys.promote(image);
      deploys.deployWorker(order);
    }
    return deploys;
  }

  private static void assertSettled(
      SimulatedDeploys deploys, ImageReference live, ImageReference kept) {
    assertThat(deploys.host.picture())
        .containsExactlyInAnyOrder(live + " RUNNING", kept + " EXITED");
    assertThat(deploys.host.names()).noneMatch(name -> name.endsWith("-candidate"));
  }

  @Test
  void with_start_first_the_new_one_runs_beside_the_old_one_until_it_was_watched()
      throws InterruptedException {
    SimulatedDeploys deploys = withV1Live(Handover.START_FIRST);
    deploys.promote(V2);
    deploys.deployWorker(Handover.START_FIRST);
    assertSettled(deploys, V2, V1);
    assertThat(deploys.host.mostRunning()).isEqualTo(2);
    assertThat(deploys.host.changes()).noneMatch(change -> change.startsWith("direct"));
    assertThat(deploys.deployWorker(Handover.START_FIRST).skipped()).isTrue();
  }

  @Test
  void with_stop_first_no_two_run_at_a_time() throws InterruptedException {
    SimulatedDeploys deploys = withV1Live(Handover.STOP_FIRST);
    deploys.promote(V2);
    deploys.deployWorker(Handover.STOP_FIRST);
    assertSettled(deploys, V2, V1);
    assertThat(deploys.host.mostRunning()).isEqualTo(1);
  }

  @ParameterizedTest
  @EnumSource(names = {"START_FIRST", "STOP_FIRST"})
  void one_that_does_not_go_on_running_gives_way_to_the_one_before(Handover order)
      throws InterruptedException {
    SimulatedDeploys deploys = withV1Live(order, V2);
    deploys.promote(V2);
    assertThatExceptionOfType(DeployException.class)
        .isThrownBy(() -> deploys.deployWorker(order))
        .satisfies(e -> assertThat(e.kind()).isEqualTo(DeployException.Kind.UNFIT))
        .withMessageContaining("its program ended");
    assertSettled(deploys, V1, V3);
  }

  @ParameterizedTest
  @EnumSource(names = {"START_FIRST", "STOP_FIRST"})
  void killed_at_any_call_the_next_deployment_converges(Handover order)
      throws InterruptedException {
    int call = 1;
    for (; call < MORE_THAN_ENOUGH; call++) {
      SimulatedDeploys deploys = withV1Live(order);
      deploys.promote(V2);
      boolean killed = deploys.isKilledAt(call, () -> deploys.deployWorker(order));
      if (order == Handover.START_FIRST) {
        assertThat(deploys.host.running()).as("killed at call %d", call).isNotEmpty();
      }
      deploys.deployWorker(order);
      assertSettled(deploys, V2, V1);
      assertThat(deploys.host.mostRunning()).isEqualTo(order == Handover.STOP_FIRST ? 1 : 2);
      if (!killed) {
        break;
      }
    }
    assertThat(call).isBetween(10, MORE_THAN_ENOUGH - 1);
  }

  @ParameterizedTest
  @EnumSource(names = {"START_FIRST", "STOP_FIRST"})
  void an_unfit_one_killed_at_any_call_leaves_the_one_before_running(Handover order)
      throws InterruptedException {
    int call = 1;
    for (; call < MORE_THAN_ENOUGH; call++) {
      SimulatedDeploys deploys = withV1Live(order, V2);
      deploys.promote(V2);
      boolean killed = deploys.isKilledAt(call, () -> refused(deploys, order));
      refused(deploys, order);
      assertThat(deploys.host.running()).containsExactly(V1.toString());
      if (!killed) {
        break;
      }
    }
    assertThat(call).isBetween(10, MORE_THAN_ENOUGH - 1);
  }

  /** It may also be killed, which is no exception. */
  private static void refused(SimulatedDeploys deploys, Handover order)
      throws InterruptedException {
    try {
      deploys.deployWorker(order);
    } catch (DeployException e) {
      return;
    }
    throw new AssertionError("it went live");
  }
}
