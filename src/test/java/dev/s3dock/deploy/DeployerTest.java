package dev.s3dock.deploy;

import static dev.s3dock.deploy.SimulatedDeploys.APP;
import static dev.s3dock.deploy.SimulatedDeploys.PRODUCTION;
import static dev.s3dock.deploy.SimulatedDeploys.V1;
import static dev.s3dock.deploy.SimulatedDeploys.V2;
import static dev.s3dock.deploy.SimulatedDeploys.V3;
import static dev.s3dock.deploy.SimulatedDeploys.request;
import static dev.s3dock.deploy.SimulatedDeploys.settings;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.s3dock.deploy.Deployer.Deployed;
import dev.s3dock.deploy.Deployer.Request;
import dev.s3dock.deploy.host.HostLock;
import dev.s3dock.deploy.loadbalancer.Backend;
import dev.s3dock.deploy.loadbalancer.Colour;
import dev.s3dock.deploy.service.Deadline;
import dev.s3dock.deploy.service.DeployException;
import dev.s3dock.deploy.service.DeployProgress;
import dev.s3dock.deploy.service.DeploySettings;
import dev.s3dock.deploy.service.Health;
import dev.s3dock.deploy.service.Hooks;
import dev.s3dock.deploy.service.Hooks.Point;
import dev.s3dock.deploy.service.Instance;
import dev.s3dock.deploy.service.Secrets;
import dev.s3dock.engine.ContainerSpec;
import dev.s3dock.image.ImageReference;
import dev.s3dock.registry.RegistryException;
import dev.s3dock.store.StoreException;
import dev.s3dock.testing.engine.Plain;
import dev.s3dock.testing.store.MemoryObjectStore.Operation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The rules of a deployment, on a host that is simulated and a bucket in memory. */
class DeployerTest {
  private static final String REPORT = "deployments/my-app/production/host-1.json";

  @TempDir Path locks;

  private SimulatedDeploys deploys(ImageReference... unfit) {
    return new SimulatedDeploys(locks, Set.of(unfit));
  }

  @Test
  void traffic_moves_only_after_the_new_container_runs_and_the_old_one_stops_after_that()
      throws InterruptedException {
    SimulatedDeploys deploys = deploys();
    deploys.promote(V1);
    deploys.deploy();
    deploys.promote(V2);
    int before = deploys.host.changes().size();
    Deployed deployed = deploys.deploy();
    assertThat(deploys.host.changes().subList(before, deploys.host.changes().size()))
        .containsExactly(
            "create " + V2,
            "start " + V2,
            "direct to green",
            "rename " + V2,
            "release blue",
            "stop " + V1);
    assertThat(deployed.previous()).contains(V1);
    assertThat(deployed.backend().orElseThrow().colour()).isEqualTo(Colour.GREEN);
    assertThat(deploys.text(REPORT))
        .contains(
            "\"image_reference\": \"" + V2 + "\"",
            "\"previous_image\": \"" + V1 + "\"",
            "\"colour\": \"green\"");
  }

  @Test
  void an_image_without_the_healthcheck_that_is_asked_for_is_refused_before_anything_is_made() {
    SimulatedDeploys deploys = deploys();
    deploys.promote(V1);
    DeploySettings settings =
        SimulatedDeploys.checking(new Health.Check.OfImage(), Duration.ofMinutes(1));
    assertThatThrownBy(() -> deploys.deployer(settings).deploy(request(false)))
        .isInstanceOf(DeployException.class)
        .hasMessageContainingAll(V1 + " has no HEALTHCHECK", "health.path", "nothing was changed");
    assertThat(deploys.host.changes()).isEmpty();
  }

  @Test
  void what_is_live_already_is_reported_and_not_touched() throws InterruptedException {
    SimulatedDeploys deploys = deploys();
    deploys.promote(V1);
    deploys.deploy();
    List<String> before = deploys.host.changes();
    Deployed again = deploys.deploy();
    assertThat(again.skipped()).isTrue();
    assertThat(deploys.host.changes()).isEqualTo(before);
    assertThat(deploys.events()).filteredOn(e -> e.startsWith("deployment")).hasSize(1);
  }

  @Test
  void other_settings_or_force_make_another_container_of_the_same_image()
      throws InterruptedException {
    SimulatedDeploys deploys = deploys();
    deploys.promote(V1);
    deploys.deploy();
    DeploySettings labelled = settings(1, false, Map.of("team", "a"), new Secrets(List.of()));
    assertThat(deploys.deployer(labelled).deploy(request(false)).skipped()).isFalse();
    Request force = new Request(false, false, true, Duration.ofMinutes(1), Optional.empty());
    assertThat(deploys.deployer(labelled).deploy(force).skipped()).isFalse();
    assertThat(deploys.host.picture())
        .containsExactlyInAnyOrder(V1 + " RUNNING live", V1 + " EXITED");
  }

  @Test
  void a_live_container_that_has_ended_is_replaced() throws InterruptedException {
    SimulatedDeploys deploys = deploys();
    deploys.promote(V1);
    deploys.deploy();
    deploys.host.end(V1.toString());
    assertThat(deploys.deploy().skipped()).isFalse();
    assertThat(deploys.host.served()).containsExactly(V1.toString());
  }

  @Test
  void an_unfit_image_leaves_everything_as_it_was_and_an_event_that_says_why()
      throws InterruptedException {
    SimulatedDeploys deploys = deploys(V2);
    deploys.promote(V1);
    deploys.deploy();
    List<String> before = deploys.host.picture();
    deploys.promote(V2);
    assertThatThrownBy(deploys::deploy)
        .isInstanceOf(DeployException.class)
        .hasMessageContaining(V1 + " still serves")
        .hasMessageContaining("the last lines of the container's log:\n  hello from c2")
        .hasMessageContaining("`s3dock rollback my-app production` moves it back");
    assertThat(deploys.host.picture()).isEqualTo(before);
    assertThat(deploys.text("audit/my-app/202508/20250802-0730-deployment-f7a5a27.json"))
        .contains(
            "\"outcome\": \"failed\"",
            "\"running\": \"" + V1 + "\"",
            "\"reason\": \"its program ended with exit code 0\"",
            "\"durations_ms\"");
  }

  @ParameterizedTest
  @EnumSource(
      value = Point.class,
      names = {"PRE_DEPLOY", "POST_SWITCH"})
  void a_hook_that_fails_ends_the_deployment_and_the_old_one_serves(Point failing)
      throws InterruptedException {
    SimulatedDeploys deploys = deploys();
    deploys.promote(V1);
    deploys.deploy();
    deploys.promote(V2);
    List<Point> seen = new ArrayList<>();
    Hooks hooks =
        (point, facts) -> {
          seen.add(point);
          assertThat(facts).containsEntry("S3DOCK_IMAGE", V2.toString());
          assertThat(facts).containsEntry("S3DOCK_PREVIOUS_IMAGE", V1.toString());
          if (point == failing) {
            throw new DeployException(DeployException.Kind.FAILED, "hook says hunter2");
          }
        };
    DeploySettings settings = settings(1, false, Map.of(), new Secrets(List.of("hunter2")));
    assertThatThrownBy(() -> deploys.deployer(settings, hooks).deploy(request(false)))
        .hasMessageContaining("hook says ****")
        .hasMessageNotContaining("hunter2");
    assertThat(deploys.host.served()).containsExactly(V1.toString());
    assertThat(seen).endsWith(failing, Point.FAILED);
    assertThat(deploys.events())
        .contains((failing == Point.PRE_DEPLOY ? "deployment" : "rollback") + "-f7a5a27");
  }

  @Test
  void a_last_hook_that_fails_fails_the_command_and_not_the_deployment()
      throws InterruptedException {
    SimulatedDeploys deploys = deploys();
    deploys.promote(V1);
    Hooks hooks =
        (point, facts) -> {
          if (point == Point.POST_DEPLOY) {
            throw new DeployException(DeployException.Kind.FAILED, "no");
          }
        };
    Deployer deployer = deploys.deployer(settings(1, false), hooks);
    assertThatThrownBy(() -> deployer.deploy(request(false))).hasMessageContaining("no");
    assertThat(deploys.host.served()).containsExactly(V1.toString());
  }

  @Test
  void a_container_that_ends_during_the_bake_is_left_for_the_old_one() throws InterruptedException {
    SimulatedDeploys deploys = deploys();
    deploys.promote(V1);
    deploys.deploy();
    deploys.promote(V2);
    Hooks hooks =
        (point, facts) -> {
          if (point == Point.POST_SWITCH) {
            deploys.host.end(V2.toString());
          }
        };
    Deployer deployer = deploys.deployer(settings(1, false), hooks);
    assertThatThrownBy(() -> deployer.deploy(request(false)))
        .hasMessageContaining(V1 + " serves again");
    assertThat(deploys.host.picture()).containsExactly(V1 + " RUNNING live");
    assertThat(deploys.text("audit/my-app/202508/20250802-0730-rollback-f7a5a27.json"))
        .contains("\"outcome\": \"failed\"", "\"go_back\"");
  }

  @Test
  void what_serves_without_s3dock_is_not_taken_for_ours_and_loses_the_traffic_to_the_first_deploy()
      throws InterruptedException {
    SimulatedDeploys deploys = deploys();
    deploys.host.serveFrom(new Backend(Colour.BLUE, "192.0.2.7", 80));
    deploys.promote(V1);
    Deployed deployed = deploys.deploy();
    assertThat(deployed.previous()).isEmpty();
    assertThat(deployed.backend().orElseThrow().colour()).isEqualTo(Colour.GREEN);
  }

  @Test
  void as_many_old_containers_are_kept_as_are_asked_for() throws InterruptedException {
    SimulatedDeploys deploys = deploys();
    for (ImageReference image : List.of(V1, V2, V3)) {
      deploys.promote(image);
      deploys.deployer(settings(2, false)).deploy(request(false));
    }
    assertThat(deploys.host.picture())
        .containsExactlyInAnyOrder(V1 + " EXITED", V2 + " EXITED", V3 + " RUNNING live");
    deploys.promote(V1);
    deploys.deployer(settings(0, false)).deploy(request(false));
    assertThat(deploys.host.picture()).containsExactly(V1 + " RUNNING live");
  }

  @Test
  void a_warm_one_goes_on_running_without_traffic() throws InterruptedException {
    SimulatedDeploys deploys = deploys();
    for (ImageReference image : List.of(V1, V2, V3)) {
      deploys.promote(image);
      deploys.deployer(settings(2, true)).deploy(request(false));
    }
    assertThat(deploys.host.picture())
        .containsExactlyInAnyOrder(V1 + " EXITED", V2 + " RUNNING", V3 + " RUNNING live");
  }

  @Test
  void a_rollback_wakes_the_kept_container_and_makes_none() throws InterruptedException {
    SimulatedDeploys deploys = deploys();
    deploys.promote(V1);
    deploys.deploy();
    deploys.promote(V2);
    deploys.deploy();
    int before = deploys.host.changes().size();
    assertThat(deploys.promotions.back(APP, PRODUCTION, deploys.trail).image()).isEqualTo(V1);
    assertThat(deploys.goBack().image()).isEqualTo(V1);
    assertThat(deploys.host.changes().subList(before, deploys.host.changes().size()))
        .containsExactly(
            "release blue", "start " + V1, "direct to blue", "release green", "stop " + V2);
    assertThat(deploys.events()).contains("rollback-def5678");
  }

  @Test
  void a_rollback_makes_a_container_where_none_is_kept() throws InterruptedException {
    SimulatedDeploys deploys = deploys();
    deploys.promote(V1);
    deploys.deployer(settings(0, false)).deploy(request(false));
    deploys.promote(V2);
    deploys.deployer(settings(0, false)).deploy(request(false));
    deploys.promotions.back(APP, PRODUCTION, deploys.trail);
    assertThat(deploys.deployer(settings(0, false)).deploy(request(true)).image()).isEqualTo(V1);
    assertThat(deploys.host.picture()).containsExactly(V1 + " RUNNING live");
  }

  @Test
  void a_rollback_goes_to_what_was_live_and_passes_over_what_never_was()
      throws InterruptedException {
    SimulatedDeploys deploys = deploys(V2, V3);
    deploys.promote(V1);
    deploys.deploy();
    for (ImageReference broken : List.of(V2, V3)) {
      deploys.promote(broken);
      assertThatThrownBy(deploys::deploy).isInstanceOf(DeployException.class);
    }
    assertThat(deploys.promotions.back(APP, PRODUCTION, deploys.trail).image()).isEqualTo(V1);
    deploys.goBack();
    assertThatThrownBy(() -> deploys.promotions.back(APP, PRODUCTION, deploys.trail))
        .hasMessageContaining("no other image was live and healthy there before " + V1);
  }

  @Test
  void a_rollback_passes_over_what_no_host_has_tried_where_another_was_live()
      throws InterruptedException {
    SimulatedDeploys deploys = deploys();
    deploys.promote(V1);
    deploys.deploy();
    deploys.promote(V2);
    deploys.promote(V3);
    assertThat(deploys.promotions.back(APP, PRODUCTION, deploys.trail).image()).isEqualTo(V1);
  }

  @Test
  void two_rollbacks_return_to_the_first_image_if_both_were_live() throws InterruptedException {
    SimulatedDeploys deploys = deploys();
    for (ImageReference image : List.of(V1, V2)) {
      deploys.promote(image);
      deploys.deploy();
    }
    assertThat(deploys.promotions.back(APP, PRODUCTION, deploys.trail).image()).isEqualTo(V1);
    deploys.goBack();
    assertThat(deploys.promotions.back(APP, PRODUCTION, deploys.trail).image()).isEqualTo(V2);
  }

  @Test
  void there_is_no_way_back_from_the_first_promotion() {
    SimulatedDeploys deploys = deploys();
    deploys.promote(V1);
    assertThatThrownBy(() -> deploys.promotions.back(APP, PRODUCTION, deploys.trail))
        .isInstanceOfSatisfying(
            RegistryException.class,
            e -> assertThat(e.kind()).isEqualTo(RegistryException.Kind.CONFLICT))
        .hasMessageContaining("cannot be rolled back");
  }

  @Test
  void a_plan_changes_nothing_and_names_each_step() throws InterruptedException {
    SimulatedDeploys deploys = deploys();
    deploys.promote(V1);
    deploys.deploy();
    List<String> before = deploys.host.changes();
    assertThat(deploys.deployer(settings(1, false)).plan(request(deploys.new Moving(V2, () -> {}))))
        .anyMatch(line -> line.contains("move production of my-app to " + V2))
        .anyMatch(line -> line.contains("now: " + V1))
        .anyMatch(line -> line.contains("start it as green"))
        .anyMatch(line -> line.contains("stop " + V1));
    assertThat(deploys.host.changes()).isEqualTo(before);
  }

  @Test
  void a_deployment_that_cannot_be_recorded_is_live_and_reported_as_failed() {
    SimulatedDeploys deploys = deploys();
    deploys.promote(V1);
    deploys.store.before(
        (operation, key) -> {
          if (operation == Operation.PUT && key.startsWith("audit/")) {
            throw new StoreException(StoreException.Kind.UNAVAILABLE, "the store is away");
          }
        });
    assertThatThrownBy(deploys::deploy)
        .isInstanceOf(DeployException.class)
        .hasMessageContaining(V1 + " is live")
        .hasMessageContaining("could not be recorded");
    assertThat(deploys.host.served()).containsExactly(V1.toString());
  }

  @Test
  void a_deployment_that_could_not_be_recorded_has_one_event_after_the_next_one()
      throws InterruptedException {
    SimulatedDeploys deploys = deploys();
    deploys.promote(V1);
    String[] lost = {"audit/"};
    deploys.store.before(
        (operation, key) -> {
          if (operation == Operation.PUT && key.startsWith(lost[0])) {
            throw new StoreException(StoreException.Kind.UNAVAILABLE, "the store is away");
          }
        });
    assertThatThrownBy(deploys::deploy).hasMessageContaining("could not be recorded");
    assertThat(deploys.recorded()).isEmpty();
    lost[0] = "nowhere/";
    Deployed again = deploys.deploy();
    assertThat(again.skipped()).isTrue();
    deploys.deploy();
    assertThat(deploys.recorded()).containsExactly("deployment " + again.deployment());
  }

  @Test
  void an_environment_is_moved_only_when_the_container_is_fit() throws InterruptedException {
    SimulatedDeploys deploys = deploys(V2);
    deploys.promote(V1);
    deploys.deploy();
    SimulatedDeploys.Moving move = deploys.new Moving(V2, () -> {});
    assertThatThrownBy(() -> deploys.deploy(move))
        .isInstanceOf(DeployException.class)
        .hasMessageContaining(V1 + " still serves")
        .hasMessageContaining("it was not moved");
    assertThat(deploys.at()).isEqualTo(V1);
    assertThat(deploys.deploy(deploys.new Moving(V3, () -> {})).image()).isEqualTo(V3);
    assertThat(deploys.at()).isEqualTo(V3);
  }

  @Test
  void of_two_that_move_an_environment_at_once_the_late_one_changes_nothing()
      throws InterruptedException {
    SimulatedDeploys deploys = deploys();
    deploys.promote(V1);
    deploys.deploy();
    SimulatedDeploys.Moving move = deploys.new Moving(V2, () -> {});
    deploys.promote(V3);
    List<String> before = deploys.host.picture();
    assertThatThrownBy(() -> deploys.deploy(move))
        .isInstanceOfSatisfying(
            DeployException.class,
            e -> assertThat(e.kind()).isEqualTo(DeployException.Kind.OVERTAKEN));
    assertThat(deploys.host.picture()).isEqualTo(before);
    assertThat(deploys.at()).isEqualTo(V3);
  }

  @Test
  void an_environment_that_another_host_moves_on_meanwhile_is_told() {
    SimulatedDeploys deploys = deploys();
    deploys.promote(V1);
    assertThatThrownBy(() -> deploys.deploy(deploys.new Moving(V2, () -> deploys.promote(V3))))
        .isInstanceOfSatisfying(
            DeployException.class,
            e -> assertThat(e.kind()).isEqualTo(DeployException.Kind.OVERTAKEN))
        .hasMessageContaining(V2 + " is live")
        .hasMessageContaining("somebody else has moved production");
    assertThat(deploys.host.served()).containsExactly(V2.toString());
  }

  /** As {@code docker commit} and {@code docker run}, or an image with such LABELs, leave it. */
  private static String foreign(SimulatedDeploys deploys, String image, String deployment) {
    return deploys.host.create(
        new ContainerSpec(
            image.replace(':', '-'),
            image,
            Instance.labels(
                SimulatedDeploys.SERVICE, V1, Colour.BLUE, deployment, "settings", 8080, ""),
            Plain.options(),
            Optional.of(new ContainerSpec.Publication("127.0.0.1", 9_999, 8080))));
  }

  @Test
  void a_container_that_only_has_our_labels_is_left_alone() throws InterruptedException {
    SimulatedDeploys deploys = deploys();
    deploys.promote(V1);
    String copied = deploys.deploy().deployment();
    deploys.host.start(foreign(deploys, "innocent:1", copied));
    for (ImageReference image : List.of(V2, V3)) {
      deploys.promote(image);
      deploys.deployer(settings(0, false)).deploy(request(false));
    }
    assertThat(deploys.host.picture()).containsExactly("innocent:1 RUNNING", V3 + " RUNNING live");
  }

  @Test
  void a_rollback_wakes_no_container_that_only_has_our_labels() throws InterruptedException {
    SimulatedDeploys deploys = deploys();
    for (ImageReference image : List.of(V1, V2)) {
      deploys.promote(image);
      deploys.deployer(settings(0, false)).deploy(request(false));
    }
    foreign(deploys, "evil:1", "20250802-073012-abcd");
    deploys.promotions.back(APP, PRODUCTION, deploys.trail);
    deploys.deployer(settings(0, false)).deploy(request(true));
    assertThat(deploys.host.picture()).containsExactly("evil:1 CREATED", V1 + " RUNNING live");
  }

  @Test
  void a_second_deployment_waits_and_names_who_holds_the_lock() throws Exception {
    SimulatedDeploys deploys = deploys();
    deploys.promote(V1);
    Deadline deadline = Deadline.in(Duration.ofMinutes(1));
    try (HostLock _ =
        HostLock.take(
            new HostLock.Locks(locks, "process 7 of alice"),
            SimulatedDeploys.SERVICE,
            deadline,
            DeployProgress.NONE)) {
      Request hasty = new Request(false, false, false, Duration.ofMillis(50), Optional.empty());
      assertThatThrownBy(() -> deploys.deployer(settings(1, false)).deploy(hasty))
          .isInstanceOfSatisfying(
              DeployException.class,
              e -> assertThat(e.kind()).isEqualTo(DeployException.Kind.LOCKED))
          .hasMessageContaining("process 7 of alice");
    }
    assertThat(deploys.deploy().image()).isEqualTo(V1);
  }

  @Test
  void a_file_of_somebody_else_in_the_place_of_the_lock_is_not_written() throws Exception {
    Path victim = Files.writeString(locks.resolve("victim"), "keep");
    Path lock =
        locks.resolve(
            "s3dock-%s@%s.lock"
                .formatted(SimulatedDeploys.SERVICE.app(), SimulatedDeploys.SERVICE.environment()));
    SimulatedDeploys deploys = deploys();
    deploys.promote(V1);
    Files.createLink(lock, victim);
    assertThatThrownBy(deploys::deploy).hasMessageContaining("no file of its own");
    Files.delete(lock);
    assertThat(new ProcessBuilder("mkfifo", lock.toString()).start().waitFor()).isZero();
    assertThatThrownBy(deploys::deploy).hasMessageContaining("no file of its own");
    assertThat(victim).hasContent("keep");
  }

  @Test
  void an_interruption_after_the_switch_goes_back_and_is_kept_for_the_caller()
      throws InterruptedException {
    SimulatedDeploys deploys = deploys();
    deploys.promote(V1);
    deploys.deploy();
    deploys.promote(V2);
    Hooks hooks =
        (point, facts) -> {
          if (point == Point.POST_SWITCH) {
            Thread.currentThread().interrupt();
          }
        };
    Deployer deployer = deploys.deployer(settings(1, false), hooks);
    assertThatThrownBy(() -> deployer.deploy(request(false)))
        .hasMessageContaining("interrupted")
        .hasMessageContaining(V1 + " serves again");
    assertThat(Thread.interrupted()).isTrue();
    assertThat(deploys.host.served()).containsExactly(V1.toString());
  }
}
