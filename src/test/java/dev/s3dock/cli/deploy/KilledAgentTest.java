package dev.s3dock.cli.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.s3dock.cli.User;
import dev.s3dock.deploy.loadbalancer.Balancers;
import dev.s3dock.deploy.service.Step;
import dev.s3dock.engine.Container;
import dev.s3dock.testing.Eventually;
import dev.s3dock.testing.Load;
import dev.s3dock.testing.LoadBalancers;
import dev.s3dock.testing.LoadBalancers.Daemon;
import dev.s3dock.testing.engine.Engines;
import dev.s3dock.testing.engine.Engines.TestEngine;
import dev.s3dock.testing.store.S3Server;
import dev.s3dock.testing.store.S3Servers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What happens to an agent in the middle of a deployment: SIGKILL when any of the steps has ended,
 * a power cut, the store gone. The next agent, or the same one, puts all right by itself, and what
 * served serves on. {@code ./check} takes two of the steps, {@code ./check --all} everything;
 * {@code KilledDeployTest} ends a deployment at each single call, on a simulated host.
 */
@Tag("engine")
@Tag("loadbalancer")
@Order(2)
class KilledAgentTest {
  private static final boolean ALL = Boolean.getBoolean("s3dock.all");
  private static final Set<Step> SOME = EnumSet.of(Step.RETIRE);
  private static final String APP = "killed-agent-web";

  /** An agent that meets a dead engine makes growing pauses. */
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  @TempDir Path folder;
  private @Nullable TestEngine engine;
  private @Nullable DeployingHost host;
  private @Nullable Process agent;
  private @Nullable Daemon wire;
  private Path log = Path.of("");
  private int processes;

  @AfterEach
  void stop() throws InterruptedException {
    if (agent != null) {
      agent.destroyForcibly().waitFor();
    }
    if (host != null) {
      host.close();
    }
    if (wire != null) {
      wire.close();
    }
    if (engine != null) {
      engine.close();
    }
  }

  private DeployingHost start(TestEngine on) {
    DeployingHost started =
        new DeployingHost(folder, on, Balancers.haproxy(), APP, DeployingHost.TIMES);
    host = started;
    started.web.configure(
        ("{ agent: { apps: { '%s': ['production'] }, interval: '500ms', host: 'web-1' },"
                + " deploy: { '%s': { port: 8080, %s, traffic: { %s, url: 'http://127.0.0.1:%d/up' } } } }")
            .formatted(
                APP, APP, DeployingHost.TIMES, started.balancer.keys(), started.balancer.port()));
    return started;
  }

  private Process follow(User user) {
    processes++;
    log = folder.resolve("agent-%d.log".formatted(processes));
    Process started = user.start(200, log, "agent", "-l", "3");
    agent = started;
    return started;
  }

  private static void promote(User user, String version) {
    user.s3dock("promote", APP, version, "production", "--create").ok();
  }

  private String text() {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private boolean said(String words) {
    return text().contains(words);
  }

  private void await(String what, Callable<Boolean> condition) {
    try {
      Eventually.holds(PATIENCE, what, condition);
    } catch (AssertionError e) {
      throw new AssertionError("%s%n%s".formatted(e.getMessage(), text()), e);
    }
  }

  private void awaitStep(Process process, Step step) {
    await(
        step + " ends",
        () -> {
          if (!process.isAlive()) {
            throw new AssertionError("the agent has ended");
          }
          return said(" step: " + step + " took ");
        });
  }

  private void awaitLive(User user, DeployingHost at, String reference) {
    await(
        reference + " is live, and nothing else runs",
        () -> {
          JsonNode row =
              user.s3dock("status", APP, "production", "--json").json().at("/data/deployments/0");
          return row.path("state").asText().equals("healthy")
              && row.path("running").asText().equals(reference)
              && at.containers().stream().filter(Container::isRunning).count() == 1;
        });
  }

  private static Load usersOf(DeployingHost at) {
    return Load.start(
        "127.0.0.1",
        at.balancer.port(),
        new Load.Mix(2, 2, 0, 0, Duration.ofMillis(10), Duration.ofSeconds(1)).throughout());
  }

  @Test
  void killed_after_any_step_the_next_agent_converges_and_no_request_is_lost(TestReporter reporter)
      throws Exception {
    DeployingHost at = start(Engines.reachable20());
    User user = at.web.user();
    List<String> references = List.of(at.publish("v0"), at.publish("v1"));
    promote(user, "v0");
    Process process = follow(user);
    awaitLive(user, at, references.getFirst());
    Load.Report report;
    try (Load load = usersOf(at)) {
      int version = 0;
      for (Step step : ALL ? EnumSet.range(Step.LOCK, Step.RECORD) : SOME) {
        if (step == Step.PRE_DEPLOY || step == Step.PROMOTE || step == Step.POST_SWITCH) {
          continue; // no hooks here, and an agent moves no environment
        }
        version = 1 - version;
        promote(user, "v" + version);
        awaitStep(process, step);
        process.destroyForcibly().waitFor();
        load.awaitMore(20, PATIENCE);
        process = follow(user);
        awaitLive(user, at, references.get(version));
        assertThat(said(" failed ")).as(text()).isFalse();
      }
      report = load.stop();
    }
    reporter.publishEntry(report.toString());
    assertThat(report.failures()).as(report.toString()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(
      value = Step.class,
      names = {"START", "SWITCH", "RETIRE"})
  @EnabledIfSystemProperty(named = "s3dock.all", matches = "true")
  void after_a_power_cut_in_a_deployment_the_host_comes_back_with_what_is_wanted(Step step)
      throws Exception {
    TestEngine own = Engines.anotherReachable20("killed-agent");
    engine = own;
    DeployingHost at = start(own);
    User user = at.web.user();
    List<String> references = List.of(at.publish("v0"), at.publish("v1"));
    promote(user, "v0");
    Process process = follow(user);
    awaitLive(user, at, references.getFirst());
    promote(user, "v1");
    awaitStep(process, step);
    process.destroyForcibly().waitFor();
    own.kill();
    at.balancer.stop();

    process = follow(user); // the first that is up again: it finds nothing that answers
    await("it says that all is away", () -> said(" problem "));
    own.up();
    at.balancer.start();
    awaitLive(user, at, references.getLast());
    assertThat(process.isAlive()).isTrue();
    assertThat(said(" failed ")).as(text()).isFalse();
  }

  @Test
  @EnabledIfSystemProperty(named = "s3dock.all", matches = "true")
  void while_the_store_is_away_what_serves_serves_on_and_the_agent_catches_up() throws Exception {
    DeployingHost at = start(Engines.reachable20());
    S3Server server = S3Servers.s3Mock();
    int port = LoadBalancers.freePort();
    User user =
        at.web
            .user()
            .with("S3DOCK_BUCKET", S3Servers.newBucket(server))
            .with("AWS_REGION", server.region())
            .with("AWS_ENDPOINT_URL", server.endpoint().toString());
    List<String> references = List.of(at.publish("v0"), at.publish("v1"));
    promote(user, "v0");
    wire = wire(server, port);
    user.with("AWS_ENDPOINT_URL", "http://127.0.0.1:" + port);
    Process process = follow(user);
    user.with("AWS_ENDPOINT_URL", server.endpoint().toString());
    awaitLive(user, at, references.getFirst());
    Load.Report report;
    try (Load load = usersOf(at)) {
      wire.close();
      await("it says that the store is away", () -> said(" problem "));
      promote(user, "v1");
      load.awaitMore(1000, PATIENCE);
      wire = wire(server, port);
      awaitStep(process, Step.START); // and away again, in the middle of the deployment
      wire.close();
      await(
          "the traffic has moved, or gone back",
          () -> said(" step: " + Step.CONFIRM + " took ") || said(" postponed "));
      load.awaitMore(1000, PATIENCE);
      wire = wire(server, port);
      awaitLive(user, at, references.getLast());
      report = load.stop();
    }
    assertThat(report.failures()).as(report + "\n" + text()).isEmpty();
    assertThat(said(" failed ")).as(text()).isFalse();
    assertThat(process.isAlive()).isTrue();
    String events = user.s3dock("audit", APP, "--event", "deployment", "--json").ok().out();
    for (String reference : references) {
      assertThat(events).contains(reference);
    }
  }

  /** The network between the agent and the store. */
  private Daemon wire(S3Server server, int port) throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("wire.cfg"),
            """
            defaults
                mode tcp
                timeout connect 5s
                timeout client 1h
                timeout server 1h
            listen s3
                bind 127.0.0.1:%d
                server s3 127.0.0.1:%d
            """
                .formatted(port, server.endpoint().getPort()));
    return Daemon.start(
        List.of(LoadBalancers.program("haproxy"), "-W", "-f", file.toString()), folder, port);
  }
}
