package dev.s3dock.cli.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.s3dock.cli.User;
import dev.s3dock.deploy.loadbalancer.Balancers;
import dev.s3dock.engine.Container;
import dev.s3dock.engine.Container.State;
import dev.s3dock.testing.Eventually;
import dev.s3dock.testing.Load;
import dev.s3dock.testing.Load.Report;
import dev.s3dock.testing.engine.Engines;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.TextStyle;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The agent as a process of its own, with real containers behind a real HAProxy. */
@Tag("engine")
@Tag("loadbalancer")
@Order(2)
class AgentTest {
  private static final String APP = "followed-web";

  @TempDir Path folder;
  private DeployingHost host;
  private Path log;
  private Process agent;
  private Map<String, String> references = Map.of();
  private int port;
  private int processes;

  @BeforeEach
  void start() throws IOException {
    host =
        new DeployingHost(
            folder, Engines.reachable20(), Balancers.haproxy(), APP, DeployingHost.TIMES);
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    configure(DeployingHost.TIMES);
    references = Map.of("v1", host.publish("v1"), "v2", host.publish("v2"));
    promote("v1");
    follow();
  }

  @AfterEach
  void stop() throws InterruptedException {
    agent.destroyForcibly().waitFor();
    host.close();
  }

  private void configure(String more) {
    configure("", more);
  }

  private void configure(String ofAgent, String more) {
    host.web.configure(
        ("{ agent: { %s apps: { '%s': ['production'] }, interval: '500ms', host: 'web-1', metrics: '127.0.0.1:%d' },"
                + " deploy: { '%s': { port: 8080, %s, traffic: { %s, url: 'http://127.0.0.1:%d/up' } } } }")
            .formatted(ofAgent, APP, port, APP, more, host.balancer.keys(), host.balancer.port()));
  }

  private void follow() {
    processes++;
    log = folder.resolve("agent-%d.log".formatted(processes));
    agent = host.web.user().start(200, log, "agent");
  }

  private void promote(String version) {
    user("promote", APP, version, "production").ok();
  }

  private User.Result user(String... args) {
    return host.web.user().s3dock(args);
  }

  private JsonNode status() {
    return user("status", APP, "production", "--json").json().at("/data/deployments/0");
  }

  private void awaitLive(String version) {
    String image = references.get(version);
    await(
        version + " is live",
        () ->
            status().path("running").asText().equals(image)
                && status().path("state").asText().equals("healthy"));
  }

  /** Says what the agent said, if it does not come true. */
  private void await(String what, java.util.concurrent.Callable<Boolean> condition) {
    try {
      Eventually.holds(
          DeployingHost.patience(),
          what,
          () -> {
            if (!agent.isAlive()) {
              throw new AssertionError("the agent has ended");
            }
            return condition.call();
          });
    } catch (AssertionError e) {
      throw new AssertionError("%s%n%s%n%s".formatted(e.getMessage(), status(), said()), e);
    }
  }

  private String said() {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private long said(String words) {
    return said().lines().filter(line -> line.contains(words)).count();
  }

  private String get(String path) throws IOException, InterruptedException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      URI address = URI.create("http://127.0.0.1:%d%s".formatted(port, path));
      return client.send(HttpRequest.newBuilder(address).build(), BodyHandlers.ofString()).body();
    }
  }

  private List<Container> running() {
    return host.containers().stream().filter(Container::isRunning).toList();
  }

  @Test
  void it_follows_promotions_without_a_lost_request_and_leaves_a_bad_image_alone()
      throws Exception {
    awaitLive("v1");
    host.publish("bad", Map.of("FAIL_UP", "1"));
    Report report;
    try (Load load = host.gentleLoad()) {
      load.awaitMore(20, DeployingHost.patience());
      promote("v2");
      awaitLive("v2");
      configure(DeployingHost.TIMES.replace("'60s'", "'3s'"));
      promote("bad");
      await("it gives up", () -> said(":production failed ") == 1);
      assertThat(user("status", APP, "production", "--check").exitCode()).isEqualTo(1);
      user("agent", "retry", APP, "production").ok();
      await("it tries again", () -> said(":production failed ") == 2);
      assertThat(said(":production deploying ")).as(said()).isEqualTo(4);
      assertThat(user("agent", "retry", APP, "staging").exitCode()).isEqualTo(3);
      load.awaitMore(20, DeployingHost.patience());
      report = load.stop();
    }
    assertThat(report.failures()).as(report + "\n" + said()).isEmpty();
    assertThat(said(" step: ")).as("only with -l 3").isZero();
    assertThat(running()).hasSize(1);
    assertThat(get("/metrics"))
        .contains(
            "s3dock_agent_failures_total{app=\"%s\",environment=\"production\"} 2.0".formatted(APP),
            "s3dock_agent_healthy{app=\"%s\",environment=\"production\"} 0.0".formatted(APP));
    assertThat(get("/healthz")).isEqualTo("ok\n");

    promote("v2");
    await("it is right again", () -> user("agent", "--check").exitCode() == 0);
    agent.destroy();
    assertThat(agent.waitFor()).isEqualTo(143);
    assertThat(said("Z stopped")).as(said()).isEqualTo(1);
    assertThat(user("agent", "--once").ok().line()).contains("is healthy");
  }

  @Test
  void it_puts_right_what_has_drifted() throws Exception {
    awaitLive("v1");
    Container first = running().getFirst();
    host.web.containers().stop(first.id(), Duration.ofSeconds(1)); // the engine starts it no more
    await(
        "another container",
        () -> running().size() == 1 && !running().getFirst().id().equals(first.id()));
    awaitLive("v1");

    Path bucket = folder.resolve("bucket");
    Path away = folder.resolve("away");
    Files.move(bucket, away);
    await(
        "it says that the store is away",
        () -> said(":production problem ") > 0 && said("unknown: ") > 0);
    assertThat(running()).hasSize(1);
    Files.move(away, bucket);
    promote("v2");
    awaitLive("v2");

    String before = running().getFirst().id();
    configure(DeployingHost.TIMES + ", run: { env: { COLOUR: 'red' } }");
    await("new settings", () -> !running().getFirst().id().equals(before));
    awaitLive("v2");
    assertThat(said("the settings have changed")).isPositive();
  }

  @Test
  void outside_its_window_it_fetches_ahead_and_replaces_nothing() {
    awaitLive("v1");
    String serving = running().getFirst().id();
    String day =
        LocalDate.now(ZoneOffset.UTC)
            .plusDays(3)
            .getDayOfWeek()
            .getDisplayName(TextStyle.SHORT, Locale.ENGLISH);
    String red = DeployingHost.TIMES + ", run: { env: { COLOUR: 'red' } }";
    configure("windows: ['%s 10:00-11:00'], time_zone: 'UTC',".formatted(day), red);
    await("it holds other settings back", () -> said("waits for its window") == 1);
    promote("v2");
    await("it fetches ahead", () -> said("is fetched ahead") == 1);
    assertThat(status().path("state").asText())
        .contains("waits for its window, which opens " + day);
    assertThat(running()).singleElement().returns(serving, Container::id);
    configure(red);
    awaitLive("v2");
  }

  @Test
  void killed_in_a_deployment_it_goes_on_and_a_deployment_by_hand_goes_beside_it()
      throws Exception {
    awaitLive("v1");
    promote("v2");
    await("the traffic is moved", () -> said("traffic goes to green") > 0);
    agent.destroyForcibly().waitFor();
    follow();
    awaitLive("v2");
    await("one runs", () -> running().size() == 1 && running().getFirst().state() == State.RUNNING);

    assertThat(host.deploy("v1").ok().out()).contains("is live");
    awaitLive("v1");
    assertThat(running()).hasSize(1);
    assertThat(said(":production failed ")).isZero();

    String serving = running().getFirst().id();
    long switches = said("note: traffic goes to");
    promote("v2");
    await("the traffic is moved", () -> said("note: traffic goes to") > switches);
    agent.destroy();
    assertThat(agent.waitFor()).isEqualTo(143);
    assertThat(running()).as(said()).singleElement().returns(serving, Container::id);
  }
}
