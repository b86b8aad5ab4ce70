package dev.s3dock.cli.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertAll;

import com.fasterxml.jackson.databind.JsonNode;
import dev.s3dock.cli.User.Result;
import dev.s3dock.deploy.loadbalancer.Balancer;
import dev.s3dock.deploy.loadbalancer.Balancers;
import dev.s3dock.engine.Container;
import dev.s3dock.testing.Load;
import dev.s3dock.testing.Load.Report;
import dev.s3dock.testing.LoadBalancers.KernelSetting;
import dev.s3dock.testing.engine.Engines;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;

/**
 * Two containers of an app behind HAProxy, replaced at once and one after the other, while users
 * are at it; behind nginx and Caddy as well with {@code ./check --all}. SeveralServersIT moves
 * traffic of all three.
 */
@ResourceLock("tcp_migrate_req")
@Tag("engine")
@Tag("loadbalancer")
@Order(2)
class ReplicatedWebTest {
  private static final boolean ALL = Boolean.getBoolean("s3dock.all");

  @TempDir Path folder;

  private static KernelSetting migration;

  @BeforeAll
  static void letTheKernelMoveConnections() {
    migration = KernelSetting.set("net/ipv4/tcp_migrate_req", "1");
  }

  @AfterAll
  static void putTheSettingBack() {
    migration.close();
  }

  private record Proxy(String name, Supplier<Balancer> start) {}

  /** Side by side, each with an app of its own: they wait for most of the time. */
  @Test
  void deploys_of_two_containers_their_failure_and_the_way_back_lose_no_request(
      TestReporter reporter) {
    withEach(proxy -> deployUnderLoad(proxy, reporter));
  }

  @Test
  void one_after_the_other_there_and_back_loses_no_request_either(TestReporter reporter) {
    withEach(proxy -> updateUnderLoad(proxy, reporter));
  }

  private static void withEach(Consumer<Proxy> deploys) {
    List<Proxy> proxies =
        List.of(
            new Proxy("haproxy", () -> Balancers.haproxyForTwo(UnaryOperator.identity())),
            new Proxy("nginx", Balancers::nginx),
            new Proxy("caddy", Balancers::caddyForTwo));
    try (ExecutorService operators = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> runs =
          proxies.stream()
              .limit(ALL ? proxies.size() : 1)
              .<Future<?>>map(proxy -> operators.submit(() -> deploys.accept(proxy)))
              .toList();
      assertAll(runs.stream().map(run -> run::get));
    }
  }

  private void deployUnderLoad(Proxy proxy, TestReporter reporter) {
    try (DeployingHost host =
        new DeployingHost(
            folder.resolve(proxy.name),
            Engines.reachable20(),
            proxy.start.get(),
            "two-" + proxy.name,
            "replicas: 2, " + DeployingHost.TIMES)) {
      String v1 = host.publish("v1");
      String v2 = host.publish("v2");
      host.publish("bad", Map.of("EXIT_AT_ONCE", "3"));
      host.deploy("v1").ok();
      Report report;
      try (Load load = load(host.balancer.port())) {
        load.awaitMore(50, DeployingHost.patience());
        JsonNode deployed = host.deploy("v2", "--json").ok().json();
        assertThat(deployed.at("/data/containers")).hasSize(2);
        assertThat(deployed.at("/data/addresses")).hasSize(2);
        load.awaitMore(50, DeployingHost.patience());
        Result bad = host.deploy("bad");
        assertThat(bad.exitCode()).isEqualTo(1);
        assertThat(bad.err()).contains("its program ended", v2 + " still serves");
        host.s3dock("rollback", "--to", "v1").ok();
        load.awaitMore(50, DeployingHost.patience());
        report = load.stop();
      }
      reporter.publishEntry(proxy.name, report.toString());
      assertThat(report.failures()).as(report.toString()).isEmpty();
      assertThat(host.picture())
          .containsExactlyInAnyOrder(
              v1 + " RUNNING", v1 + " RUNNING", v2 + " EXITED", v2 + " EXITED");
      assertThat(host.containers().stream().map(Container::name))
          .allMatch(name -> name.endsWith("-1") || name.endsWith("-2"));
      requirePutRight(host, v1);
    }
  }

  private void updateUnderLoad(Proxy proxy, TestReporter reporter) {
    try (DeployingHost host =
        new DeployingHost(
            folder.resolve(proxy.name),
            Engines.reachable20(),
            proxy.start.get(),
            "rolling-" + proxy.name,
            "replicas: 2, update: 'rolling', hooks: { post_switch: ['/bin/sh', '-c', 'test $S3DOCK_IMAGE != %s'] }, %s"
                .formatted(
                    "rolling-" + proxy.name + ":20250701-1203-0000003", DeployingHost.TIMES))) {
      String v1 = host.publish("v1");
      String v2 = host.publish("v2");
      String bad = host.publish("v3");
      assertThat(bad).isEqualTo("rolling-" + proxy.name + ":20250701-1203-0000003");
      host.deploy("v1").ok();
      Report report;
      try (Load load = load(host.balancer.port())) {
        load.awaitMore(50, DeployingHost.patience());
        assertThat(host.deploy("v2", "--dry-run").ok().out()).contains("the first of 2");
        assertThat(host.deploy("v2", "--json").ok().json().at("/data/containers")).hasSize(2);
        load.awaitMore(50, DeployingHost.patience());
        Result failed = host.deploy("v3"); // refused by its hook, when both of it have the traffic
        assertThat(failed.exitCode()).isEqualTo(1);
        assertThat(failed.err()).contains("post_switch", v2 + " serves again");
        load.awaitMore(50, DeployingHost.patience());
        host.s3dock("rollback", "--to", "v1").ok();
        load.awaitMore(50, DeployingHost.patience());
        report = load.stop();
      }
      reporter.publishEntry(proxy.name, report.toString());
      assertThat(report.failures()).as(report.toString()).isEmpty();
      assertThat(host.picture())
          .containsExactlyInAnyOrder(
              v1 + " RUNNING", v1 + " RUNNING", v2 + " EXITED", v2 + " EXITED");
      assertThat(host.s3dock("status", "--check").ok().out()).contains("healthy (2)");
    }
  }

  /** Slow requests are short, since each drain waits for them. */
  private static Load load(int port) {
    return Load.start(
        "127.0.0.1",
        port,
        new Load.Mix(4, 3, 1, 0, Duration.ofMillis(10), Duration.ofMillis(300)).throughout());
  }

  /** One of the two goes away: that is seen, and another deployment makes two of it again. */
  private static void requirePutRight(DeployingHost host, String image) {
    assertThat(host.s3dock("status", "--check").ok().out()).contains("healthy (2)");
    Container lost =
        host.containers().stream().filter(Container::isRunning).findFirst().orElseThrow();
    host.web.containers().remove(lost.id());
    Result status = host.s3dock("status", "--check");
    assertThat(status.exitCode()).isEqualTo(1);
    assertThat(status.out()).contains("only 1 of its 2 containers");
    host.deploy().ok();
    assertThat(running(host)).containsExactly(image, image);
    host.s3dock("status", "--check").ok();
  }

  private static List<String> running(DeployingHost host) {
    return Stream.of(host.picture())
        .flatMap(List::stream)
        .filter(it -> it.endsWith(" RUNNING"))
        .map(it -> it.substring(0, it.indexOf(' ')))
        .toList();
  }
}
