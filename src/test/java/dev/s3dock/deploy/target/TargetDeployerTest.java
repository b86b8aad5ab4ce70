package dev.s3dock.deploy.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.s3dock.deploy.DeployReporter;
import dev.s3dock.deploy.Deployer.Deployed;
import dev.s3dock.deploy.Deployer.Request;
import dev.s3dock.deploy.Standing;
import dev.s3dock.deploy.host.HostLock.Locks;
import dev.s3dock.deploy.service.DeployException;
import dev.s3dock.deploy.service.DeployException.Kind;
import dev.s3dock.deploy.service.DeployProgress;
import dev.s3dock.deploy.service.EnvironmentMove;
import dev.s3dock.deploy.service.Service;
import dev.s3dock.image.AppName;
import dev.s3dock.image.Digest;
import dev.s3dock.image.Environment;
import dev.s3dock.image.ImageReference;
import dev.s3dock.registry.Actor;
import dev.s3dock.registry.RegistryException;
import dev.s3dock.registry.audit.AuditLog;
import dev.s3dock.registry.audit.AuditTrail;
import dev.s3dock.registry.report.Deployments;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.StoreException;
import dev.s3dock.testing.store.MemoryObjectStore;
import dev.s3dock.testing.store.MemoryObjectStore.Operation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A target that is a real program and a few files, and a bucket in memory. */
class TargetDeployerTest {
  private static final ImageReference V1 = ImageReference.parse("shop:20250720-1045-def5678");
  private static final ImageReference V2 = ImageReference.parse("shop:20250721-2118-f7a5a27");
  private static final Environment PRODUCTION = new Environment("production");
  private static final Service SERVICE = new Service(new AppName("shop"), PRODUCTION);
  private static final String REPORT = "deployments/shop/production/host-1.json";

  /**
   * Keeps what runs in {@code state}. In {@code mode} stands what happens: an image that is not
   * fit, a target that does not answer, a program that hangs or that lies.
   */
  private static final String PROGRAM =
      """
      #!/bin/sh
      mode=$(cat mode)
      [ "$1" = "$S3DOCK_STEP" ] || exit 3
      [ "$mode" != away ] || { echo 'no answer' >&2; exit 69; }
      if [ "$1" = status ]; then cat state; exit; fi
      env | grep '^S3DOCK_' | sort >facts
      echo deploy >>calls
      case $mode in
        unfit) echo 'two of three tasks died' >&2; exit 1 ;;
        hang) sleep 600 ;;
        lie) ;;
        *) echo "live $S3DOCK_IMAGE $S3DOCK_DEPLOYMENT" >state ;;
      esac
      """;

  @TempDir Path folder;
  private final MemoryObjectStore store = new MemoryObjectStore();
  private final Clock clock =
      Clock.fixed(Instant.parse("2025-08-02T07:30:00.250Z"), ZoneOffset.UTC);
  private ImageReference wanted = V1;
  private Map<String, String> environment = Map.of("ZONE", "eu");

  @BeforeEach
  void start() throws IOException {
    Path program = Files.writeString(folder.resolve("program"), PROGRAM);
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
    write("mode", "fine");
    write("state", "none");
  }

  private void write(String name, String text) throws IOException {
    Files.writeString(folder.resolve(name), text);
  }

  private String read(String name) throws IOException {
    return Files.readString(folder.resolve(name));
  }

  private TargetDeployer deployer() {
    Actor actor = new Actor("deployer", "host-1", "s3dock test");
    TargetDeployer.Images images =
        new TargetDeployer.Images() {
          @Override
          public ImageReference wanted() {
            return wanted;
          }

          @Override
          public Digest digest(ImageReference image) {
            return Digest.of(image.toString().getBytes(StandardCharsets.UTF_8));
          }
        };
    return new TargetDeployer(
        SERVICE,
        new TargetSettings(
            List.of(folder.resolve("program").toString()), environment, "127.0.0.1:5000"),
        folder,
        images,
        new DeployReporter(
            new Deployments(store, clock, actor),
            new AuditLog(store, clock, actor),
            new AuditTrail(store)),
        new Locks(folder, "a test"),
        clock,
        DeployProgress.NONE);
  }

  private static Request request(boolean force) {
    return new Request(false, true, force, Duration.ofMinutes(1), Optional.empty());
  }

  private Deployed deploy() throws InterruptedException {
    return deployer().deploy(request(false));
  }

  private String text(String key) {
    return new String(
        store.get(new ObjectKey(key), 1 << 20).orElseThrow().content(), StandardCharsets.UTF_8);
  }

  private List<String> events() {
    try (var objects = store.list("audit/")) {
      return objects.map(object -> text(object.key().value())).toList();
    }
  }

  private long calls() throws IOException {
    return read("calls").lines().count();
  }

  @Test
  void the_program_gets_the_image_by_its_digest_and_what_it_says_is_what_counts() throws Exception {
    assertThat(deployer().standing()).isInstanceOf(Standing.Down.class);
    assertThat(deployer().isHere()).isFalse();
    assertThat(deployer().plan(request(false))).contains("now: nothing of it is there");
    Deployed first = deploy();
    assertThat(first.image()).isEqualTo(V1);
    assertThat(first.backend()).isEmpty();
    assertThat(read("facts").lines())
        .contains(
            "S3DOCK_APP=shop",
            "S3DOCK_ENVIRONMENT=production",
            "S3DOCK_IMAGE=127.0.0.1:5000/%s@%s"
                .formatted(V1, Digest.of(V1.toString().getBytes(StandardCharsets.UTF_8))),
            "S3DOCK_IMAGE_REFERENCE=" + V1,
            "S3DOCK_PREVIOUS_IMAGE=",
            "S3DOCK_STEP=deploy");
    assertThat(deployer().standing())
        .isEqualTo(new Standing.Live(V1, first.deployment(), "", true, true, Optional.empty()));

    wanted = V2;
    assertThat(deploy().previous()).contains(V1);
    assertThat(deploy().skipped()).isTrue();
    assertThat(calls()).isEqualTo(2);
    assertThat(text(REPORT))
        .contains("\"image_reference\": \"" + V2 + "\"", "\"previous_image\": \"" + V1 + "\"");
    assertThat(events()).hasSize(2).allMatch(it -> it.contains("\"outcome\": \"live\""));
    assertThat(deployer().deploy(request(true)).skipped()).isFalse();
  }

  @Test
  void an_image_that_is_not_fit_is_told_from_a_target_that_does_not_answer() throws Exception {
    deploy();
    wanted = V2;
    write("mode", "unfit");
    assertThatThrownBy(this::deploy)
        .isInstanceOfSatisfying(
            DeployException.class, e -> assertThat(e.kind()).isEqualTo(Kind.UNFIT))
        .hasMessageContaining("two of three tasks died")
        .hasMessageContaining(V1.toString());
    write("mode", "lie");
    assertThatThrownBy(this::deploy)
        .isInstanceOfSatisfying(
            DeployException.class, e -> assertThat(e.kind()).isEqualTo(Kind.UNFIT))
        .hasMessageContaining("said that it is live, but then that");
    assertThat(events()).hasSize(3).filteredOn(it -> it.contains("\"failed\"")).hasSize(2);

    write("mode", "away");
    assertThatThrownBy(this::deploy)
        .isInstanceOfSatisfying(
            DeployException.class, e -> assertThat(e.kind()).isEqualTo(Kind.FAILED));
    assertThat(deployer().standing())
        .isInstanceOfSatisfying(
            Standing.Unknown.class, it -> assertThat(it.problem()).contains("no answer"));

    write("mode", "hang");
    Request hasty = new Request(false, true, false, Duration.ofSeconds(1), Optional.empty());
    assertThatThrownBy(() -> deployer().deploy(hasty))
        .isInstanceOfSatisfying(
            DeployException.class, e -> assertThat(e.kind()).isEqualTo(Kind.FAILED))
        .hasMessageContaining("killed");
  }

  @Test
  void other_settings_and_what_others_have_put_there_are_seen() throws Exception {
    deploy();
    environment = Map.of("ZONE", "us");
    assertThat(deployer().standing())
        .isInstanceOfSatisfying(Standing.Live.class, it -> assertThat(it.asConfigured()).isFalse());
    deploy();
    assertThat(calls()).isEqualTo(2);

    write("state", "live nginx:1.27 -");
    assertThat(deployer().standing())
        .isInstanceOfSatisfying(
            Standing.Down.class, it -> assertThat(it.problem()).contains("nginx:1.27"));
    deploy();
    write("state", read("state").replace("live ", "unhealthy ").strip() + " 1 of 2 tasks run");
    assertThat(deployer().standing())
        .isInstanceOfSatisfying(
            Standing.Live.class, it -> assertThat(it.problem()).contains("1 of 2 tasks run"));
    write("state", "fine, thanks");
    assertThat(deployer().standing())
        .isInstanceOfSatisfying(
            Standing.Unknown.class, it -> assertThat(it.problem()).contains("'fine, thanks'"));
  }

  @Test
  void one_that_was_cut_off_goes_on_under_its_own_name_and_is_recorded_once() throws Exception {
    Deployed first = deploy();
    wanted = V2;
    write("mode", "fine");
    store.before(
        (operation, key) -> {
          if (operation == Operation.PUT && key.startsWith("audit/")) {
            throw new StoreException(StoreException.Kind.UNAVAILABLE, "the store is away");
          }
        });
    assertThatThrownBy(this::deploy).hasMessageContaining("could not be recorded");
    store.before((operation, key) -> {});
    assertThat(events()).hasSize(1);
    Deployed again = deploy();
    assertThat(again.skipped()).isTrue();
    assertThat(events())
        .hasSize(2)
        .anyMatch(it -> it.contains("\"deployment\": \"" + again.deployment() + "\""));
    deploy();
    assertThat(events()).hasSize(2);

    write("state", read("state").replace("live ", "busy "));
    assertThat(deploy().deployment())
        .isEqualTo(again.deployment())
        .isNotEqualTo(first.deployment());
  }

  @Test
  void an_environment_is_moved_when_the_target_runs_the_image_and_a_lost_race_is_told()
      throws Exception {
    deploy();
    write("mode", "unfit");
    Moving move = new Moving(false);
    Request request = new Request(false, true, false, Duration.ofMinutes(1), Optional.of(move));
    assertThatThrownBy(() -> deployer().deploy(request)).hasMessageContaining("it was not moved");
    assertThat(move.moved).isFalse();
    write("mode", "fine");
    assertThat(deployer().deploy(request).image()).isEqualTo(V2);
    assertThat(move.moved).isTrue();

    wanted = V1;
    deploy();
    Request lost =
        new Request(false, true, false, Duration.ofMinutes(1), Optional.of(new Moving(true)));
    assertThatThrownBy(() -> deployer().deploy(lost))
        .isInstanceOfSatisfying(
            DeployException.class, e -> assertThat(e.kind()).isEqualTo(Kind.OVERTAKEN));
    assertThat(text(REPORT)).contains("\"image_reference\": \"" + V2 + "\"");
  }

  private static final class Moving implements EnvironmentMove {
    private final boolean loses;
    boolean moved;

    Moving(boolean loses) {
      this.loses = loses;
    }

    @Override
    public ImageReference image() {
      return V2;
    }

    @Override
    public void move() {
      if (loses) {
        throw RegistryException.conflict("somebody else was faster");
      }
      moved = true;
    }

    @Override
    public boolean stands() {
      return moved;
    }

    @Override
    public String describe() {
      return moved ? "it was moved" : "it was not moved";
    }
  }
}
