package dev.s3dock.deploy;

import static dev.s3dock.deploy.SimulatedDeploys.V1;
import static dev.s3dock.deploy.SimulatedDeploys.V2;
import static dev.s3dock.deploy.SimulatedDeploys.V3;
import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.deploy.service.DeployException;
import dev.s3dock.deploy.service.Health;
import dev.s3dock.image.ImageReference;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A deployment stopped dead before each single call to the engine and to the load balancer: what
 * served goes on serving, and the next deployment ends as if nothing had happened.
 */
class KilledDeployTest {
  private static final int MORE_THAN_ENOUGH = 400;

  @TempDir Path locks;

  private SimulatedDeploys withV1Live(ImageReference... unfit) throws InterruptedException {
    SimulatedDeploys deploys = new SimulatedDeploys(locks, Set.of(unfit));
    deploys.withLive(V3, V1); // so that one is kept already
    return deploys;
  }

  private static void assertServed(SimulatedDeploys deploys, ImageReference... by) {
    assertThat(deploys.host.served()).isNotEmpty().doesNotContain("");
    assertThat(List.of(by).stream().map(ImageReference::toString).toList())
        .containsAll(deploys.host.served());
  }

  @Test
  void a_deploy_killed_at_any_call_leaves_somebody_serving_and_the_next_one_converges()
      throws InterruptedException {
    int call = 1;
    for (; call < MORE_THAN_ENOUGH; call++) {
      SimulatedDeploys deploys = withV1Live();
      deploys.promote(V2);
      boolean killed = deploys.isKilledAt(call, deploys::deploy);
      assertServed(deploys, V1, V2);
      deploys.deploy();
      deploys.assertSettled(1, V2, V1);
      assertOneEventEach(deploys, 3);
      if (!killed) {
        break;
      }
    }
    assertThat(call).isBetween(20, MORE_THAN_ENOUGH - 1);
  }

  private static void deployChecked(SimulatedDeploys deploys) throws InterruptedException {
    Health.Check command = new Health.Check.Command(List.of("/healthy"));
    deploys
        .deployer(SimulatedDeploys.checking(command, Duration.ofSeconds(1)))
        .deploy(SimulatedDeploys.request(false));
  }

  @Test
  void traffic_of_both_stays_with_the_new_one_if_the_old_one_is_not_fit_for_it()
      throws InterruptedException {
    int shared = 0;
    for (int call = 1; call < MORE_THAN_ENOUGH; call++) {
      SimulatedDeploys deploys = new SimulatedDeploys(locks, Set.of());
      deploys.promote(V1);
      deployChecked(deploys);
      deploys.promote(V2);
      if (!deploys.isKilledAt(call, () -> deployChecked(deploys))) {
        break;
      }
      if (deploys.host.served().containsAll(List.of(V1.toString(), V2.toString()))) {
        shared++;
        deploys.host.sicken(V1.toString());
        int before = deploys.host.changes().size();
        deployChecked(deploys);
        assertThat(deploys.host.changes().subList(before, deploys.host.changes().size()))
            .contains("direct to green")
            .doesNotContain("direct to blue");
        assertThat(deploys.host.served()).containsExactly(V2.toString());
      }
    }
    assertThat(shared).isPositive();
  }

  /** Of what went live; so many deployments. */
  private static void assertOneEventEach(SimulatedDeploys deploys, int count) {
    assertThat(deploys.recorded()).doesNotHaveDuplicates().hasSize(count);
  }

  @Test
  void what_a_killed_deploy_brought_live_has_its_event_also_if_another_image_follows()
      throws InterruptedException {
    int call = 1;
    for (; call < MORE_THAN_ENOUGH; call++) {
      SimulatedDeploys deploys = withV1Live();
      deploys.promote(V2);
      boolean killed = deploys.isKilledAt(call, deploys::deploy);
      deploys.promote(V1);
      boolean stayed = deploys.deploy().skipped(); // V2 was not kept
      assertOneEventEach(deploys, stayed ? 2 : 4);
      if (!killed) {
        break;
      }
    }
    assertThat(call).isBetween(20, MORE_THAN_ENOUGH - 1);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void what_was_begun_on_either_container_ends_there_whoever_takes_it_away(boolean keepWarm)
      throws InterruptedException {
    int call = 1;
    for (; call < MORE_THAN_ENOUGH; call++) {
      SimulatedDeploys deploys = withV1Live();
      Deployer deployer = deploys.deployer(SimulatedDeploys.draining(keepWarm));
      deploys.promote(V2);
      boolean killed =
          deploys.isKilledAt(call, () -> deployer.deploy(SimulatedDeploys.request(false)));
      deploys.host.open(V1.toString(), 2);
      deploys.host.open(V2.toString(), 2);
      deploys.promote(V3); // so that V2 is taken away too
      deployer.deploy(SimulatedDeploys.request(false));
      assertThat(deploys.host.cut()).as("killed at call %d", call).isEmpty();
      if (!killed) {
        break;
      }
    }
    assertThat(call).isBetween(20, MORE_THAN_ENOUGH - 1);
  }

  @Test
  void a_deploy_killed_twice_converges_as_well() throws InterruptedException {
    SimulatedDeploys measured = withV1Live();
    measured.promote(V2);
    measured.isKilledAt(MORE_THAN_ENOUGH, measured::deploy);
    int calls = measured.host.calls();
    for (int first = 1; first <= calls; first += 3) {
      for (int second = 1; second <= calls; second += 4) {
        SimulatedDeploys deploys = withV1Live();
        deploys.promote(V2);
        deploys.isKilledAt(first, deploys::deploy);
        deploys.isKilledAt(second, deploys::deploy);
        assertServed(deploys, V1, V2);
        deploys.deploy();
        deploys.assertSettled(1, V2, V1);
      }
    }
  }

  @Test
  void a_deploy_of_an_unfit_image_killed_at_any_call_never_takes_the_traffic()
      throws InterruptedException {
    int call = 1;
    for (; call < MORE_THAN_ENOUGH; call++) {
      SimulatedDeploys deploys = withV1Live(V2);
      deploys.promote(V2);
      boolean killed = deploys.isKilledAt(call, () -> assertRefused(deploys));
      assertServed(deploys, V1);
      deploys.promote(V3);
      deploys.deploy();
      deploys.assertSettled(1, V3, V1);
      if (!killed) {
        break;
      }
    }
    assertThat(call).isBetween(10, MORE_THAN_ENOUGH - 1);
  }

  private static void assertRefused(SimulatedDeploys deploys) throws InterruptedException {
    try {
      deploys.deploy();
      throw new AssertionError("an unfit image went live");
    } catch (DeployException e) {
      assertThat(e).hasMessageContaining("its program ended with exit code 0");
    }
  }

  @Test
  void a_rollback_killed_at_any_call_converges() throws InterruptedException {
    int call = 1;
    for (; call < MORE_THAN_ENOUGH; call++) {
      SimulatedDeploys deploys = withV1Live();
      deploys.promote(V2);
      deploys.deploy();
      deploys.promotions.back(SimulatedDeploys.APP, SimulatedDeploys.PRODUCTION, deploys.trail);
      boolean killed = deploys.isKilledAt(call, deploys::goBack);
      assertServed(deploys, V1, V2);
      deploys.goBack();
      deploys.assertSettled(1, V1, V2);
      assertThat(deploys.recorded()).as("killed at call %d", call).hasSize(4);
      if (!killed) {
        break;
      }
    }
    assertThat(call).isBetween(15, MORE_THAN_ENOUGH - 1);
  }

  @Test
  void the_first_deploy_killed_at_any_call_is_followed_by_one_that_goes_live()
      throws InterruptedException {
    int call = 1;
    for (; call < MORE_THAN_ENOUGH; call++) {
      SimulatedDeploys deploys = new SimulatedDeploys(locks, Set.of());
      deploys.promote(V1);
      boolean killed = deploys.isKilledAt(call, deploys::deploy);
      deploys.deploy();
      assertThat(deploys.host.picture()).containsExactly(V1 + " RUNNING live");
      if (!killed) {
        break;
      }
    }
    assertThat(call).isBetween(10, MORE_THAN_ENOUGH - 1);
  }
}
