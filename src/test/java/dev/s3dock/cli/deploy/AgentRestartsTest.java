package dev.s3dock.cli.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.s3dock.deploy.loadbalancer.Balancers;
import dev.s3dock.engine.Container;
import dev.s3dock.testing.Eventually;
import dev.s3dock.testing.engine.Engines;
import dev.s3dock.testing.engine.Engines.TestEngine;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an agent works with is restarted under it; engine and load balancer are of this test. */
@Tag("engine")
@Tag("loadbalancer")
@Order(2)
class AgentRestartsTest {
  private static final String APP = "restarted-web";

  @TempDir Path folder;
  private TestEngine engine;
  private DeployingHost host;
  private Path log;
  private Process agent;

  @BeforeEach
  void start() throws IOException {
    engine = Engines.anotherReachable20("agent-restarts");
    host = new DeployingHost(folder, engine, Balancers.haproxy(), APP, DeployingHost.TIMES);
    host.web.configure(
        ("{ agent: { apps: { '%s': ['production'] }, interval: '500ms', host: 'web-1' },"
                + " deploy: { '%s': { port: 8080, %s, traffic: { %s, url: 'http://127.0.0.1:%d/up' } } } }")
            .formatted(APP, APP, DeployingHost.TIMES, host.balancer.keys(), host.balancer.port()));
    host.publish("v1");
    host.publish("v2");
    promote("v1");
    log = folder.resolve("agent.log");
    agent = host.web.user().start(200, log, "agent");
  }

  @AfterEach
  void stop() throws InterruptedException {
    agent.destroyForcibly().waitFor();
    host.close();
    engine.close();
  }

  private void promote(String version) {
    host.web.user().s3dock("promote", APP, version, "production").ok();
  }

  /** By what users get, and by what is reported. */
  private void awaitLive(String version) {
    await(
        version + " is live",
        () -> {
          JsonNode row =
              host.web
                  .user()
                  .s3dock("status", APP, "production", "--json")
                  .json()
                  .at("/data/deployments/0");
          return row.path("state").asText().equals("healthy")
              && row.path("running").asText().equals(row.path("wanted").asText())
              && page().contains(version);
        });
    await("one runs", () -> host.containers().stream().filter(Container::isRunning).count() == 1);
  }

  private String page() {
    try (HttpClient client = HttpClient.newHttpClient()) {
      URI address = URI.create("http://127.0.0.1:%d/".formatted(host.balancer.port()));
      return client.send(HttpRequest.newBuilder(address).build(), BodyHandlers.ofString()).body();
    } catch (IOException e) {
      return "";
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private void awaitProblem(long before) {
    await("it says that something is away", () -> said(":production problem ") > before);
  }

  private void await(String what, java.util.concurrent.Callable<Boolean> condition) {
    try {
      Eventually.holds(DeployingHost.patience(), what, condition);
    } catch (AssertionError e) {
      throw new AssertionError("%s%n%s".formatted(e.getMessage(), text()), e);
    }
  }

  private String text() {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private long said(String words) {
    return text().lines().filter(line -> line.contains(words)).count();
  }

  @Test
  void engine_load_balancer_and_both_are_restarted_and_it_converges_by_itself() {
    awaitLive("v1");

    long before = said(":production problem ");
    engine.kill();
    awaitProblem(before);
    promote("v2");
    engine.up();
    awaitLive("v2");

    before = said(":production problem ");
    host.balancer.stop();
    awaitProblem(before);
    promote("v1");
    host.balancer.start();
    awaitLive("v1");

    before = said(":production problem ");
    host.balancer.stop();
    engine.down();
    awaitProblem(before);
    engine.up();
    host.balancer.start();
    awaitLive("v1");

    assertThat(said(":production failed ")).as(text()).isZero();
    assertThat(agent.isAlive()).isTrue();
  }
}
