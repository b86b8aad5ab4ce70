package dev.s3dock.cli.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertAll;

import com.fasterxml.jackson.databind.JsonNode;
import dev.s3dock.deploy.loadbalancer.Balancer;
import dev.s3dock.deploy.loadbalancer.Balancers;
import dev.s3dock.testing.Load;
import dev.s3dock.testing.Load.Kind;
import dev.s3dock.testing.Load.Report;
import dev.s3dock.testing.Load.Request;
import dev.s3dock.testing.LoadBalancers.KernelSetting;
import dev.s3dock.testing.engine.Engines;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;

/** Deployments of real containers behind real load balancers, while users are at it. */
@ResourceLock("tcp_migrate_req")
@Tag("engine")
@Tag("loadbalancer")
@Order(1)
class BlueGreenTest {
  /** Five with {@code -Ds3dock.all=true}. */
  private static final int DEPLOYS = Boolean.getBoolean("s3dock.all") ? 5 : 3;

  @TempDir Path folder;

  private static KernelSetting migration;

  /** docs/traffic-caddy.md asks for it. */
  @BeforeAll
  static void letTheKernelMoveConnections() {
    migration = KernelSetting.set("net/ipv4/tcp_migrate_req", "1");
  }

  @AfterAll
  static void putTheSettingBack() {
    migration.close();
  }

  /** A load balancer, and whether it keeps what was upgraded open over a change. */
  private record Proxy(String name, Supplier<Balancer> start, boolean keepsWebSockets) {}

  private static final List<Proxy> PROXIES =
      List.of(
          new Proxy("haproxy", Balancers::haproxy, true),
          new Proxy("nginx", Balancers::nginx, true),
          new Proxy("caddy", Balancers::caddy, false),
          new Proxy("command", Balancers::command, true));

  /** All at once, each with an app of its own: they wait for most of the time. */
  @Test
  void deploys_in_a_row_lose_no_request_behind_any_load_balancer(TestReporter reporter) {
    try (ExecutorService operators = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> runs = new ArrayList<>();
      for (Proxy proxy : PROXIES) {
        runs.add(operators.submit(() -> deployInARow(proxy, reporter)));
      }
      assertAll(runs.stream().map(run -> run::get));
    }
  }

  private void deployInARow(Proxy proxy, TestReporter reporter) {
    String name = proxy.name;
    try (DeployingHost host =
        new DeployingHost(
            folder.resolve(name),
            Engines.reachable20(),
            proxy.start.get(),
            "under-load-" + name,
            DeployingHost.TIMES)) {
      for (int version = 0; version <= DEPLOYS; version++) {
        host.publish("v" + version);
      }
      host.deploy("v0").ok();
      List<Instant> ends = new ArrayList<>();
      Report report;
      try (Load load = host.load()) {
        load.awaitMore(100, DeployingHost.patience());
        for (int version = 1; version <= DEPLOYS; version++) {
          host.deploy("v" + version).ok();
          ends.add(Instant.now());
          load.awaitMore(50, DeployingHost.patience());
        }
        report = load.stop();
      }
      reporter.publishEntry(name, report.toString());
      assertThat(report.failures())
          .as(report.toString())
          .filteredOn(r -> proxy.keepsWebSockets || r.kind() != Kind.MESSAGE)
          .isEmpty();
      assertThat(report.kinds()).containsKeys(Kind.values());
      for (int version = 0; version <= DEPLOYS; version++) {
        String answer = "v" + version + " ";
        assertThat(report.requests()).anyMatch(r -> r.answeredBy().startsWith(answer));
        if (version < DEPLOYS) {
          Instant over = ends.get(version);
          assertThat(report.requests())
              .filteredOn(r -> r.start().isAfter(over))
              .noneMatch(r -> r.answeredBy().startsWith(answer));
          assertThat(longestBeyond(report, answer, version + 1)).isTrue();
        }
      }
      JsonNode status = host.s3dock("status", "--json").json();
      assertThat(status.at("/data/deployments/0/state").asText()).isEqualTo("healthy");
      assertThat(status.at("/data/deployments/0/current").asBoolean()).isTrue();
    }
  }

  /**
   * True if a slow request began on the version and ended there when the next one was reached
   * already: by a request that had begun, for on a busy machine its answer may come late.
   */
  private static boolean longestBeyond(Report report, String answer, int next) {
    Instant first =
        report.requests().stream()
            .filter(r -> r.answeredBy().startsWith("v" + next + " "))
            .map(Request::start)
            .min(Instant::compareTo)
            .orElseThrow();
    return report.requests().stream()
        .filter(r -> r.kind() == Kind.SLOW && r.answeredBy().startsWith(answer))
        .anyMatch(r -> r.start().isBefore(first) && r.start().plus(r.took()).isAfter(first));
  }
}
