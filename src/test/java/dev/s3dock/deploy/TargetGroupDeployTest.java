package dev.s3dock.deploy;

import static dev.s3dock.deploy.SimulatedDeploys.V1;
import static dev.s3dock.deploy.SimulatedDeploys.V2;
import static dev.s3dock.deploy.SimulatedDeploys.settings;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.s3dock.deploy.SimulatedDeploys.Action;
import dev.s3dock.deploy.SimulatedHost.Killed;
import dev.s3dock.deploy.loadbalancer.Backend;
import dev.s3dock.deploy.loadbalancer.LoadBalancer;
import dev.s3dock.deploy.loadbalancer.alb.ElbClients;
import dev.s3dock.deploy.loadbalancer.alb.HostBackends;
import dev.s3dock.deploy.loadbalancer.alb.TargetGroupDrivers;
import dev.s3dock.deploy.loadbalancer.alb.TargetGroupServer;
import dev.s3dock.deploy.service.DeployException;
import dev.s3dock.deploy.service.DeployProgress;
import dev.s3dock.deploy.service.DeploySettings;
import dev.s3dock.deploy.service.Hooks;
import dev.s3dock.deploy.service.Instance;
import dev.s3dock.deploy.service.UpdateStrategy;
import dev.s3dock.image.ImageReference;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Deployments of a simulated host into a target group, by the real driver and a strict server of
 * its API: stopped dead before each request to the API. {@link KilledDeployTest} does the same
 * before each call to the engine.
 */
class TargetGroupDeployTest {
  private static final int MORE_THAN_ENOUGH = 400;

  /** Of the requests of an update one after the other; all with {@code -Ds3dock.all=true}. */
  private static final int STRIDE = Boolean.getBoolean("s3dock.all") ? 1 : 8;

  private static final String ADDRESS = "127.0.0.1";
  private static final String NEIGHBOUR = "i-00000000000000002:80 healthy";

  @TempDir Path locks;
  private final List<TargetGroupServer> servers = new ArrayList<>();
  private final ElbClients clients = TargetGroupDrivers.clients();

  @AfterEach
  void stop() {
    clients.close();
    servers.forEach(TargetGroupServer::close);
  }

  /** A host, and the group that it shares with another one. */
  private final class Behind {
    final SimulatedDeploys deploys;
    final TargetGroupServer group = TargetGroupServer.start();
    private int requests;
    private int killAt;
    private boolean watched;

    Behind(String delay, ImageReference... unfit) {
      deploys = new SimulatedDeploys(locks, Set.of(unfit));
      servers.add(group);
      group.prepare(delay, NEIGHBOUR.split("[: ]")[0], 80, this::accepts);
    }

    /** As a health check sees it. */
    private boolean accepts(String id, int port) {
      return !id.equals(TargetGroupDrivers.HOST_ID) || !imageAt(port).isEmpty();
    }

    /** The image of the container that takes requests at a port; empty if none does. */
    private String imageAt(int port) {
      return deploys.host.imageAt(ADDRESS, port);
    }

    LoadBalancer driver() {
      return TargetGroupDrivers.watched(
          group, clients, ADDRESS, this::backends, this::beforeRequest);
    }

    private void beforeRequest() {
      requests++;
      if (requests == killAt) {
        throw new Killed(killAt);
      }
      if (watched) {
        assertThat(served()).as("before request %d", requests).isNotEmpty();
      }
    }

    /** From now on somebody serves before each request to the API. */
    void watch() {
      watched = true;
    }

    /** True if it was killed before this request to the API; it runs to its end without. */
    boolean isKilledAt(int request, Action action) throws InterruptedException {
      requests = 0;
      killAt = request;
      try {
        action.run();
        return false;
      } catch (Killed e) {
        return true;
      } finally {
        killAt = 0;
      }
    }

    private HostBackends backends() {
      return new HostBackends(own(), List.of());
    }

    private List<Backend> own() {
      return Instance.of(deploys.host.list(Instance.labelsOf(SimulatedDeploys.SERVICE))).stream()
          .flatMap(instance -> instance.backend().stream())
          .toList();
    }

    Deployer deployer(DeploySettings settings) {
      return deploys.deployer(settings, driver(), Hooks.NONE, DeployProgress.NONE);
    }

    void deploy() throws InterruptedException {
      deployer(settings(1, false)).deploy(SimulatedDeploys.request(false));
    }

    void deploy(ImageReference image) throws InterruptedException {
      deploys.promote(image);
      deploy();
    }

    /** Of this host: the images that new requests reach. */
    List<String> served() {
      return group.serving(TargetGroupDrivers.HOST_ID).stream().map(this::imageAt).toList();
    }

    void assertServed(ImageReference... by) {
      assertThat(served()).isNotEmpty().doesNotContain("");
      assertThat(List.of(by).stream().map(ImageReference::toString).toList()).containsAll(served());
      assertThat(group.states()).contains(NEIGHBOUR);
    }
  }

  private Behind withV1Live(ImageReference... unfit) throws InterruptedException {
    Behind behind = new Behind("0", unfit);
    behind.deploy(V1);
    behind.watch();
    return behind;
  }

  @Test
  void a_deploy_killed_at_any_request_leaves_somebody_serving_and_the_next_one_converges()
      throws InterruptedException {
    int call = 1;
    for (; call < MORE_THAN_ENOUGH; call++) {
      Behind behind = withV1Live();
      behind.deploys.promote(V2);
      boolean killed = behind.isKilledAt(call, behind::deploy);
      behind.assertServed(V1, V2);
      behind.deploy();
      assertThat(behind.served()).as("killed at request %d", call).containsExactly(V2.toString());
      assertThat(behind.deploys.host.names()).noneMatch(name -> name.endsWith("-candidate"));
      assertThat(behind.deploys.host.running()).containsExactly(V2.toString());
      if (!killed) {
        break;
      }
    }
    assertThat(call).isBetween(15, MORE_THAN_ENOUGH - 1);
  }

  @Test
  void one_after_the_other_killed_at_any_request_leaves_somebody_serving_and_converges()
      throws InterruptedException {
    int call = 1;
    boolean killed = true;
    for (; killed && call < MORE_THAN_ENOUGH; call += STRIDE) {
      Behind behind = new Behind("0");
      behind.deploys.replicas(2).update(UpdateStrategy.ROLLING);
      behind.deploy(V1);
      behind.watch();
      behind.deploys.host.count();
      behind.deploys.promote(V2);
      killed = behind.isKilledAt(call, behind::deploy);
      behind.assertServed(V1, V2);
      behind.deploy();
      assertThat(behind.served())
          .as("killed at request %d", call)
          .containsExactly(V2.toString(), V2.toString());
      assertThat(behind.deploys.host.running()).containsExactly(V2.toString(), V2.toString());
      assertThat(behind.deploys.host.mostRunning()).isEqualTo(3);
    }
    assertThat(call).isBetween(20, MORE_THAN_ENOUGH - 1);
  }

  @Test
  void a_rollback_killed_at_any_request_converges() throws InterruptedException {
    int call = 1;
    for (; call < MORE_THAN_ENOUGH; call++) {
      Behind behind = withV1Live();
      behind.deploy(V2);
      behind.deploys.promotions.back(
          SimulatedDeploys.APP, SimulatedDeploys.PRODUCTION, behind.deploys.trail);
      boolean killed =
          behind.isKilledAt(
              call,
              () -> behind.deployer(settings(1, false)).deploy(SimulatedDeploys.request(true)));
      behind.assertServed(V1, V2);
      behind.deployer(settings(1, false)).deploy(SimulatedDeploys.request(true));
      assertThat(behind.served()).as("killed at request %d", call).containsExactly(V1.toString());
      if (!killed) {
        break;
      }
    }
    assertThat(call).isBetween(10, MORE_THAN_ENOUGH - 1);
  }

  @Test
  void the_first_deploy_killed_at_any_request_is_followed_by_one_that_goes_live()
      throws InterruptedException {
    int call = 1;
    for (; call < MORE_THAN_ENOUGH; call++) {
      Behind behind = new Behind("0");
      behind.deploys.promote(V1);
      boolean killed = behind.isKilledAt(call, behind::deploy);
      behind.deploy();
      behind.assertServed(V1);
      if (!killed) {
        break;
      }
    }
    assertThat(call).isBetween(5, MORE_THAN_ENOUGH - 1);
  }

  @Test
  void the_former_container_is_stopped_when_its_target_is_drained_and_not_before()
      throws InterruptedException {
    Behind behind = new Behind("25");
    behind.deployer(SimulatedDeploys.draining(false)).deploy(promoted(behind, V1));
    List<String> states = new ArrayList<>();
    behind.deploys.host.beforeStop(() -> states.addAll(behind.group.states()));
    behind.deployer(SimulatedDeploys.draining(false)).deploy(promoted(behind, V2));
    assertThat(states).hasSize(2).noneMatch(it -> it.endsWith("draining")).contains(NEIGHBOUR);
    assertThat(behind.served()).containsExactly(V2.toString());
  }

  private static Deployer.Request promoted(Behind behind, ImageReference image) {
    behind.deploys.promote(image);
    return SimulatedDeploys.request(false);
  }

  @Test
  void a_container_that_the_target_group_finds_ill_gets_no_traffic_and_is_taken_away()
      throws InterruptedException {
    Behind behind = withV1Live();
    behind.group.sicken(port -> behind.imageAt(port).equals(V2.toString()));
    behind.deploys.promote(V2);
    Deployer deployer =
        behind.deploys.deployer(
            settings(1, false),
            TargetGroupDrivers.hasty(behind.group, clients, ADDRESS, behind::backends),
            Hooks.NONE,
            DeployProgress.NONE);
    assertThatThrownBy(() -> deployer.deploy(SimulatedDeploys.request(false)))
        .isInstanceOf(DeployException.class)
        .hasMessageContainingAll("Target.FailedHealthChecks", "unhealthy");
    behind.assertServed(V1);
    assertThat(behind.deploys.host.running()).containsExactly(V1.toString());
  }
}
