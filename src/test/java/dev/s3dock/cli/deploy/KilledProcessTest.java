package dev.s3dock.cli.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.deploy.loadbalancer.Balancers;
import dev.s3dock.deploy.service.Step;
import dev.s3dock.testing.Eventually;
import dev.s3dock.testing.Load;
import dev.s3dock.testing.Load.Mix;
import dev.s3dock.testing.Load.Report;
import dev.s3dock.testing.engine.Engines;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The process of a deployment, killed by SIGKILL when each of its steps has ended, while users are
 * at it: of the steps that leave different things behind; of every step with {@code ./check --all}.
 * Each single call in between is killed in {@code KilledDeployTest}, on a simulated host.
 */
@Tag("engine")
@Tag("loadbalancer")
@Order(3)
class KilledProcessTest {
  private static final boolean ALL = Boolean.getBoolean("s3dock.all");
  private static final Set<Step> SOME =
      EnumSet.of(Step.LOCK, Step.START, Step.SWITCH, Step.CONFIRM, Step.RETIRE);

  @TempDir Path folder;

  /** Of two containers with {@code ./check --all}. */
  static IntStream replicas() {
    return ALL ? IntStream.of(1, 2) : IntStream.of(1);
  }

  @ParameterizedTest
  @MethodSource("replicas")
  void a_process_killed_after_any_step_loses_no_request_and_the_next_deployment_converges(
      int replicas, TestReporter reporter) throws Exception {
    try (DeployingHost host =
        new DeployingHost(
            folder,
            Engines.reachable20(),
            replicas == 1 ? Balancers.haproxy() : Balancers.haproxyForTwo(UnaryOperator.identity()),
            "killed-web-" + replicas,
            "replicas: %d, %s".formatted(replicas, DeployingHost.TIMES))) {
      List<String> references = List.of(host.publish("v0"), host.publish("v1"));
      host.deploy("v0").ok();
      Report report;
      try (Load load = usersOf(host)) {
        int version = 0;
        for (Step step : ALL ? EnumSet.range(Step.LOCK, Step.RECORD) : SOME) {
          version = 1 - version;
          killAfter(step, host, "v" + version);
          load.awaitMore(20, DeployingHost.patience());
          host.deploy("v" + version).ok();
          assertThat(host.picture())
              .as("killed after " + step)
              .containsExactlyInAnyOrderElementsOf(
                  Stream.of(
                          references.get(version) + " RUNNING",
                          references.get(1 - version) + " EXITED")
                      .flatMap(text -> Collections.nCopies(replicas, text).stream())
                      .toList());
        }
        report = load.stop();
      }
      reporter.publishEntry(report.toString());
      assertThat(report.failures()).as(report.toString()).isEmpty();
    }
  }

  /** No long requests: they would make each of the deployments wait. */
  private static Load usersOf(DeployingHost host) {
    return Load.start(
        "127.0.0.1",
        host.balancer.port(),
        new Mix(2, 2, 0, 0, Duration.ofMillis(10), Duration.ofSeconds(1)).throughout());
  }

  private void killAfter(Step step, DeployingHost host, String version) throws Exception {
    Path output = folder.resolve(step + ".log");
    Process process =
        host.web.user().start(200, output, "deploy", host.app, "production", version, "-l", "3");
    Eventually.holds(
        DeployingHost.patience(),
        step + " ends",
        () -> Files.readString(output).contains(step + ": ") || !process.isAlive());
    process.destroyForcibly().waitFor();
    assertThat(Files.readString(output)).contains(step + ": ");
  }
}
