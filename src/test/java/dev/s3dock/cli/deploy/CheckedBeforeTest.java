package dev.s3dock.cli.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.cli.User;
import dev.s3dock.testing.engine.ImageSpec;
import dev.s3dock.testing.engine.TestImages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What can be known to be wrong is told before any container starts: there is no engine here. */
class CheckedBeforeTest {
  private static final String REF = "my-app:20250721-2118-f7a5a27";

  @TempDir Path folder;
  private User user;

  @BeforeEach
  void publish() {
    user =
        new User(folder)
            .with("S3DOCK_BUCKET", folder.resolve("store").toUri().toString())
            .with("S3DOCK_LOCK_DIR", folder.toString());
    Path image = TestImages.dockerSave(folder.resolve("image.tar"), ImageSpec.small(), REF);
    user.s3dock("push", REF, "--from", image.toString()).ok();
    user.s3dock("promote", REF, "production").ok();
  }

  private User.Result deploy(String keys, String traffic) throws IOException {
    Files.writeString(
        user.workingDirectory().resolve("s3dock.json5"),
        "{ deploy: { 'my-app': { port: 8080, %s, traffic: { %s } } } }".formatted(keys, traffic));
    return user.s3dock("deploy", "my-app", "production");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "health: { path: '/up now' } | health.path '/up now' cannot stand in a URL",
        "health: { timeout: '0s' } | health.timeout must be above 0",
        "health: { deadline: '2s', passes: 3 } | health.deadline is too short",
        "hooks: { timeout: '0s' } | hooks.timeout must be above 0",
        "hooks: { pre_deploy: ['no-such-program', 'x'] } | hooks.pre_deploy: there is no program no-such-program in PATH",
        "hooks: { post_switch: ['./absent.sh'] } | hooks.post_switch: there is no program",
        "hooks: { failed: ['./plain.txt'] } | hooks.failed: ",
        "hooks: { failed: ['./plain.txt'] } | chmod +x",
        "hooks: { post_deploy: ['/'] } | hooks.post_deploy: / is no program",
        "run: { env_file: 'absent.env' } | absent.env",
      })
  void what_is_wrong_is_told_with_its_key(String keys, String words) throws IOException {
    Files.writeString(user.workingDirectory().resolve("plain.txt"), "text");
    User.Result result = deploy(keys, "driver: 'command', command: ['true']");
    assertThat(result.exitCode()).as(result.err()).isIn(1, 2);
    assertThat(result.err()).contains(words);
  }

  @Test
  void a_traffic_command_that_knows_no_two_sides_is_refused_for_an_update_one_by_one()
      throws IOException {
    String words = "does not say that it can send traffic to two sides at once: set update";
    deploy("replicas: 2, update: 'rolling'", "driver: 'command', command: ['true']");
    assertThat(user.s3dock("doctor").out()).contains(words);
    deploy("replicas: 1, update: 'rolling'", "driver: 'command', command: ['true']");
    assertThat(user.s3dock("doctor").out()).doesNotContain(words);
    User.Result warm =
        deploy(
            "replicas: 2, update: 'rolling', keep_warm: true",
            "driver: 'command', command: ['true']");
    assertThat(warm.exitCode()).as(warm.err()).isEqualTo(2);
    assertThat(warm.err()).contains("keep_warm leaves the old containers running");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "driver: 'command', command: ['no-such-program'] | traffic.command: there is no program",
        "driver: 'nginx', upstream: 'app', reload: ['./absent'] | traffic.reload: there is no program",
        "driver: 'nginx', upstream: 'app', program: ['no-nginx'] | traffic.program: there is no program",
        "driver: 'command', command: ['true'], url: 'http:///up' | traffic.url 'http:///up' has no host",
      })
  void the_traffic_too(String traffic, String words) throws IOException {
    User.Result result = deploy("bake: '1s'", traffic);
    assertThat(result.exitCode()).as(result.err()).isEqualTo(2);
    assertThat(result.err()).contains(words);
  }

  private void target(String keys) throws IOException {
    Path program =
        Files.writeString(
            user.workingDirectory().resolve("program"),
            """
            #!/bin/sh
            case $1 in
              status) cat "$KEPT" || echo none ;;
              deploy) echo "live $S3DOCK_IMAGE $S3DOCK_DEPLOYMENT" >"$KEPT" ;;
            esac
            """);
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
    Files.writeString(
        user.workingDirectory().resolve("s3dock.json5"),
        "{ agent: { apps: { 'my-app': ['production'] } }, deploy: { 'my-app': { %s } } }"
            .formatted(keys.replace("@kept", folder.resolve("kept").toString())));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "port: 80, target: { command: ['./program'] } | port cannot stand beside target",
        "bake: '1s', run: { env: { A: 'b' } }, target: { command: ['./program'] } | bake, run.env.A cannot",
        "target: { command: ['./absent'] } | target.command: there is no program",
        "target: { command: ['./program'], endpoint: 'http://a:5000' } | target.endpoint must be",
        "target: { command: ['./program'], env: { S3DOCK_X: 'y' } } | cannot be a variable of target.env",
        "target: { env: { A: 'b' } } | target.command",
      })
  void a_target_too(String keys, String words) throws IOException {
    target(keys);
    User.Result result = user.s3dock("deploy", "my-app", "production");
    assertThat(result.exitCode()).as(result.err()).isEqualTo(2);
    assertThat(result.err()).contains(words);
  }

  @Test
  void a_target_that_does_not_answer_is_told() throws IOException {
    target("target: { command: ['sh', '-c', 'echo no answer >&2; exit 69'] }");
    User.Result status = user.s3dock("status", "--check");
    assertThat(status.exitCode()).isEqualTo(1);
    assertThat(status.out()).contains("no answer");
    assertThat(user.s3dock("deploy", "my-app", "production").err()).contains("no answer");
    assertThat(user.s3dock("doctor").out()).contains("no answer");
  }

  @Test
  void a_target_needs_no_engine() throws IOException {
    target("target: { command: ['./program'], env: { KEPT: '@kept' } }");
    assertThat(user.s3dock("agent", "--check").exitCode()).isEqualTo(1);
    assertThat(user.s3dock("deploy", "my-app", "production", "--dry-run").ok().out())
        .contains("now: nothing of it is there", "127.0.0.1:5000/" + REF + "@sha256:");
    assertThat(user.s3dock("deploy", "my-app", "production").ok().out())
        .contains(REF + " is live for my-app in production (at the target)");
    assertThat(user.s3dock("deploy", "my-app", "production").ok().out()).contains("already live");
    assertThat(user.s3dock("deploy", "my-app", "production", "--no-pull").err())
        .contains("leave out --no-pull");
    assertThat(user.s3dock("status", "--check").ok().out()).contains("healthy");
    assertThat(user.s3dock("agent", "--once").ok().line()).contains("is healthy");
    assertThat(user.s3dock("doctor").out()).contains("the target's program answers");
    assertThat(user.s3dock("history", "my-app", "production").ok().out().strip())
        .contains(REF)
        .doesNotEndWith("\t-");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "windows: ['Mon 9-17'] | 'Mon 9-17' is no window",
        "windows: ['02:00-04:00'], time_zone: 'Mars' | time_zone",
      })
  void windows_too(String keys, String words) throws IOException {
    Files.writeString(
        user.workingDirectory().resolve("s3dock.json5"), "{ agent: { %s } }".formatted(keys));
    User.Result result = user.s3dock("agent", "--check");
    assertThat(result.exitCode()).as(result.err()).isEqualTo(2);
    assertThat(result.err()).contains(words);
  }

  @Test
  void what_is_in_order_gets_as_far_as_the_engine() throws IOException {
    Path hook = Files.writeString(user.workingDirectory().resolve("hook.sh"), "#!/bin/sh\n");
    Files.setPosixFilePermissions(hook, PosixFilePermissions.fromString("rwx------"));
    for (String keys :
        List.of(
            "hooks: { pre_deploy: ['./hook.sh'], failed: ['sh', '-c', 'true'] }",
            "health: { path: '/up?deep=1', interval: '1s', deadline: '3s' }")) {
      User.Result result = deploy(keys, "driver: 'command', command: ['sh', '-c', 'echo none']");
      assertThat(result.exitCode()).as(keys + result.err()).isEqualTo(6);
    }
  }
}
