package dev.s3dock.cli.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.cli.User.Result;
import dev.s3dock.deploy.loadbalancer.Balancers;
import dev.s3dock.testing.Eventually;
import dev.s3dock.testing.Load;
import dev.s3dock.testing.Load.Report;
import dev.s3dock.testing.LoadBalancers;
import dev.s3dock.testing.engine.EngineGate;
import dev.s3dock.testing.engine.Engines;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Deployments that fail, of real containers behind a real HAProxy. Whatever happens, users of the
 * old version do not notice it, and the next deployment goes live.
 */
@Tag("engine")
@Tag("loadbalancer")
@Order(1)
class FailedDeployTest {
  private static final String APP = "failing-web";
  private static final boolean ALL = Boolean.getBoolean("s3dock.all");

  /** The tests that have gone on to the next deployment; {@code ./check} does so once for each. */
  private static final Set<Method> GONE_ON = new HashSet<>();

  @TempDir Path folder;
  private DeployingHost host;
  private String v1 = "";

  @BeforeEach
  void deployFirst() {
    host =
        new DeployingHost(
            folder, Engines.reachable20(), Balancers.haproxy(), APP, DeployingHost.TIMES);
    v1 = host.publish("v1");
    host.deploy("v1").ok();
  }

  @AfterEach
  void close() {
    host.close();
  }

  /** Deploys under load; nobody may notice. */
  private Result deployUnderLoad(String version, String... more) {
    String[] args = Stream.concat(Stream.of(version), Stream.of(more)).toArray(String[]::new);
    return deployUnder(host.gentleLoad(), args).result();
  }

  /**
   * A deployment.
   *
   * @param report what its users have seen: no failure
   */
  private record Seen(Result result, Report report) {}

  private Seen deployUnder(Load users, String... args) {
    Result result;
    Report report;
    try (Load load = users) {
      load.awaitMore(50, DeployingHost.patience());
      result = host.deploy(args);
      load.awaitMore(50, DeployingHost.patience());
      report = load.stop();
    }
    assertThat(report.failures()).as(report + "\n" + result.err()).isEmpty();
    return new Seen(result, report);
  }

  private void assertOnlyV1() {
    assertThat(host.picture()).containsExactly(v1 + " RUNNING");
    assertServes("v1");
  }

  private void assertServes(String version) {
    Report report;
    try (Load load = host.gentleLoad()) {
      load.awaitMore(20, DeployingHost.patience());
      report = load.stop();
    }
    assertThat(report.failures()).as(report.toString()).isEmpty();
    assertThat(report.answers().keySet()).allMatch(answer -> answer.startsWith(version + " "));
  }

  /** What comes after a failure must not suffer from it. */
  private void assertNextGoesLive(TestInfo test) {
    if (!GONE_ON.add(test.getTestMethod().orElseThrow()) && !ALL) {
      return;
    }
    host.configure(DeployingHost.TIMES);
    String next = host.publish("v9");
    host.deploy("v9").ok();
    assertServes("v9");
    assertThat(host.picture()).containsExactlyInAnyOrder(next + " RUNNING", v1 + " EXITED");
  }

  /** What has ended already, or runs again already, when it is looked at is told as such. */
  static Stream<Arguments> unfit() {
    Stream<Arguments> some =
        Stream.of(
            Arguments.of(
                "never healthy", "10s", Map.of("FAIL_UP", "1"), "/up answered with status 503"),
            Arguments.of("wrong port", "3s", Map.of("PORT", "9090"), "not healthy within 3s"),
            Arguments.of("crash loop", "60s", Map.of("DIE_AFTER_MS", "400"), "its program ended"));
    Map<String, String> slow = Map.of("START_DELAY_MS", "60000");
    Stream<Arguments> others =
        Stream.of(
            Arguments.of("exits at once", "60s", Map.of("EXIT_AT_ONCE", "3"), "its program ended"),
            Arguments.of("too slow", "3s", slow, "not healthy within 3s"));
    return ALL ? Stream.concat(some, others) : some;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("unfit")
  void an_unfit_container_is_removed_and_the_old_one_serves(
      String name, String deadline, Map<String, String> settings, String reason, TestInfo test) {
    host.configure(DeployingHost.TIMES.replace("'60s' }", "'" + deadline + "', passes: 20 }"));
    host.publish("v2", settings);
    Result result = deployUnderLoad("v2");
    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(result.err()).contains(reason, v1 + " still serves");
    assertOnlyV1();
    assertNextGoesLive(test);
  }

  static Stream<Arguments> unfitLater() {
    return Stream.of(
        Arguments.of("dies", Map.of("DIE_AFTER_MS", "5000"), "its program ended"),
        Arguments.of(
            "fails its health",
            Map.of("FAIL_UP_AFTER_MS", "5000"),
            "green failed a check: /up answered with status 503, not 200-399; it is watched on"));
  }

  /** The old one stands by in the load balancer until the new one has been watched. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("unfitLater")
  void a_healthy_container_that_fails_while_it_is_watched_gives_the_traffic_back(
      String name,
      Map<String, String> settings,
      String reason,
      TestReporter reporter,
      TestInfo test) {
    host.configure(
        DeployingHost.TIMES
            .replace("bake: '700ms'", "bake: '20s'")
            .replace("interval: '100ms'", "interval: '1s'"));
    host.publish("v2", settings);
    Seen seen = deployUnder(host.shortLoad(), "v2");
    reporter.publishEntry(name, seen.report().toString());
    assertThat(seen.result().exitCode()).isEqualTo(1);
    assertThat(seen.result().err()).contains(reason, v1 + " serves again");
    assertThat(seen.report().answers().keySet()).anyMatch(it -> it.startsWith("v2 "));
    assertOnlyV1();
    assertNextGoesLive(test);
  }

  @Test
  void the_timeout_ends_a_deployment_before_its_switch() {
    host.publish("v2", Map.of("START_DELAY_MS", "60000"));
    Result result = deployUnderLoad("v2", "--timeout", "15s");
    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(result.err())
        .contains("not healthy within the --timeout for the whole deployment")
        .containsPattern("(?m)^waiting until \\w+ is healthy: \\d+ of \\d+ s \\(.+\\)$")
        .doesNotContain("\r", "\u001b");
    assertOnlyV1();
  }

  @Test
  void an_image_that_is_missing_in_the_bucket_changes_nothing() throws IOException {
    host.publish("v2");
    Path bucket = folder.resolve("bucket");
    try (Stream<Path> files = Files.walk(bucket)) {
      Path archive =
          files.filter(f -> f.toString().endsWith("0000002.tar.gz")).findFirst().orElseThrow();
      Files.delete(archive);
    }
    Result result = deployUnderLoad("v2");
    assertThat(result.exitCode()).isEqualTo(5);
    assertThat(result.err()).contains("0000002.tar.gz");
    assertOnlyV1();
  }

  @ParameterizedTest
  @MethodSource("failingHooks")
  void a_hook_that_fails_leaves_the_old_one_serving(String hook, String words, TestInfo test) {
    host.configure(
        DeployingHost.TIMES
            + ", hooks: { %s: ['/bin/sh', '-c', 'echo no license >&2; exit 7'] }".formatted(hook));
    host.publish("v2");
    Result result = deployUnderLoad("v2");
    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(result.err()).contains("hook " + hook, "no license", v1 + words);
    assertOnlyV1();
    assertNextGoesLive(test);
  }

  static Stream<Arguments> failingHooks() {
    return Stream.of(
        Arguments.of("pre_deploy", " still serves"), Arguments.of("post_switch", " serves again"));
  }

  @Test
  void a_load_balancer_that_is_down_before_the_switch_is_named_and_nothing_is_started(
      TestInfo test) {
    host.publish("v2");
    host.balancer.stop();
    Result result = host.deploy("v2");
    host.balancer.start();
    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(result.err()).contains("HAProxy");
    assertOnlyV1();
    assertNextGoesLive(test);
  }

  @Test
  void a_reload_that_nginx_refuses_leaves_the_old_one_serving() {
    try (DeployingHost nginx =
        new DeployingHost(
            folder.resolve("nginx"),
            Engines.reachable20(),
            Balancers.nginx(),
            "refused-web",
            DeployingHost.TIMES)) {
      String first = nginx.publish("v1");
      nginx.deploy("v1").ok();
      nginx.publish("v2");
      Result result;
      Report report;
      try (Load load = nginx.gentleLoad()) {
        load.awaitMore(50, DeployingHost.patience());
        nginx.balancer.makeRefuse();
        result = nginx.deploy("v2");
        load.awaitMore(50, DeployingHost.patience());
        report = load.stop();
      }
      assertThat(report.failures()).as(report.toString()).isEmpty();
      assertThat(report.answers().keySet()).allMatch(answer -> answer.startsWith("v1 "));
      assertThat(result.exitCode()).isEqualTo(1);
      assertThat(result.err()).contains("nginx");
      assertThat(nginx.picture()).containsExactly(first + " RUNNING");
    }
  }

  /** The hook waits for the test, which does something to the host meanwhile. */
  private String pausedAt(String hook) {
    return DeployingHost.TIMES
        + ", hooks: { %s: ['/bin/sh', '-c', 'touch %2$s/reached; while [ ! -e %2$s/go ]; do sleep 0.05; done'] }"
            .formatted(hook, folder);
  }

  private Process deployAside(Path output) {
    return host.web.user().start(200, output, "deploy", APP, "production", "v2", "-l", "3");
  }

  private void awaitHook() {
    Eventually.holds(
        DeployingHost.patience(), "the hook", () -> Files.exists(folder.resolve("reached")));
  }

  private void letGo() throws IOException {
    Files.createFile(folder.resolve("go"));
  }

  private static int end(Process process) throws InterruptedException {
    assertThat(process.waitFor(3, TimeUnit.MINUTES)).isTrue();
    return process.exitValue();
  }

  @Test
  void a_load_balancer_that_goes_down_during_the_switch_loses_neither_container(TestInfo test)
      throws Exception {
    host.configure(pausedAt("pre_deploy"));
    String v2 = host.publish("v2");
    Path output = folder.resolve("output");
    Process deploy = deployAside(output);
    awaitHook();
    host.balancer.stop();
    letGo();
    assertThat(end(deploy)).isEqualTo(1);
    host.balancer.start();
    assertServes("v1");
    assertThat(Files.readString(output)).contains("nothing was stopped");
    assertThat(host.picture()).containsExactlyInAnyOrder(v1 + " RUNNING", v2 + " RUNNING");
    assertNextGoesLive(test);
  }

  @Test
  void a_load_balancer_that_is_restarted_after_the_switch_is_waited_for_on_the_way_back()
      throws Exception {
    host.configure(pausedAt("post_switch").replace("done'", "done; exit 1'"));
    host.publish("v2");
    Path output = folder.resolve("output");
    Process deploy = deployAside(output);
    awaitHook();
    host.balancer.stop();
    letGo();
    Eventually.holds(
        DeployingHost.patience(),
        "the way back begins",
        () -> Files.readString(output).contains("prove:"));
    host.balancer.start();
    assertThat(end(deploy)).isEqualTo(1);
    assertThat(Files.readString(output)).contains(v1 + " serves again");
    assertOnlyV1();
  }

  @ParameterizedTest
  @MethodSource("failingHooks")
  void an_engine_that_goes_away_leaves_the_old_one_serving(String hook, String words, TestInfo test)
      throws Exception {
    host.configure(pausedAt(hook));
    String v2 = host.publish("v2");
    Path output = folder.resolve("output");
    Process deploy;
    try (Load load = host.gentleLoad()) {
      try (EngineGate gate =
          EngineGate.open(LoadBalancers.folder("gate").resolve("s"), engineOf(host))) {
        host.web.user().with("DOCKER_HOST", gate.dockerHost());
        deploy = deployAside(output);
        awaitHook();
      }
      letGo();
      assertThat(end(deploy)).isEqualTo(1);
      host.web.user().with("DOCKER_HOST", engineOf(host));
      load.awaitMore(50, DeployingHost.patience());
      Report report = load.stop();
      assertThat(report.failures()).as(report.toString()).isEmpty();
    }
    assertThat(Files.readString(output))
        .contains("cannot reach the Docker engine", v1 + words, "is still there");
    assertThat(host.picture()).containsExactlyInAnyOrder(v1 + " RUNNING", v2 + " RUNNING");
    assertNextGoesLive(test);
  }

  private static String engineOf(DeployingHost host) {
    return host.web.engine().dockerHost();
  }

  @Test
  void a_second_deployment_is_told_which_process_holds_the_lock() throws Exception {
    host.configure(pausedAt("pre_deploy"));
    String v2 = host.publish("v2");
    Process first = deployAside(folder.resolve("output"));
    awaitHook();
    Result second = host.deploy("--timeout", "1s");
    letGo();
    assertThat(second.exitCode()).isEqualTo(4);
    assertThat(second.err()).contains("process " + first.pid() + " of tester");
    assertThat(end(first)).isZero();
    assertThat(host.picture()).containsExactlyInAnyOrder(v1 + " EXITED", v2 + " RUNNING");
  }

  @Test
  void ctrl_c_goes_back() throws Exception {
    host.configure(pausedAt("post_switch"));
    host.publish("v2");
    Path output = folder.resolve("output");
    Process deploy = deployAside(output);
    awaitHook();
    try (Load load = host.gentleLoad()) {
      load.awaitMore(50, DeployingHost.patience());
      deploy.destroy();
      assertThat(end(deploy)).isEqualTo(143);
      load.awaitMore(50, DeployingHost.patience());
      Report report = load.stop();
      assertThat(report.failures()).as(report.toString()).isEmpty();
    }
    assertThat(Files.readString(output)).contains("interrupted", v1 + " serves again");
    assertOnlyV1();
  }

  @Test
  void secrets_are_in_the_container_and_nowhere_else() throws IOException {
    Path secrets = Files.writeString(folder.resolve("secrets"), "TOKEN=hunter2-hunter2\n");
    Files.setPosixFilePermissions(secrets, PosixFilePermissions.fromString("rw-------"));
    host.configure(
        DeployingHost.TIMES
            + ", run: { secrets_file: '%s' }".formatted(secrets)
            + ", hooks: { pre_deploy: ['/bin/cat', '%s'], post_switch: ['/bin/sh', '-c', 'cat %s; exit 1'] }"
                .formatted(secrets, secrets));
    host.publish("v2");
    Result result = host.deploy("v2", "-l", "3");
    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(result.err()).contains("****").doesNotContain("hunter2");
    try (Stream<Path> files = Files.walk(folder.resolve("bucket/audit"))) {
      for (Path event : files.filter(Files::isRegularFile).toList()) {
        assertThat(Files.readString(event)).doesNotContain("hunter2");
      }
    }
    assertThat(List.of(result.out())).noneMatch(text -> text.contains("hunter2"));
  }
}
