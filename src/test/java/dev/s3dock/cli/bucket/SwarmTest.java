package dev.s3dock.cli.bucket;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.s3dock.cli.User;
import dev.s3dock.testing.Eventually;
import dev.s3dock.testing.Manual;
import dev.s3dock.testing.engine.Engines;
import dev.s3dock.testing.engine.Engines.TestEngine;
import dev.s3dock.testing.engine.Plain;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A Docker Swarm of two engines, one with each store of images. Each has a network of its own, as
 * two hosts have, and a server at 127.0.0.1:5000 there.
 */
@Tag("engine")
@Order(3)
class SwarmTest {
  private static final String APP = "myapp";
  private static final String FIRST = APP + ":20250721-2118-f7a5a27";
  private static final String SECOND = APP + ":20250722-1000-abcdef0";
  private static final String KEPT = APP + ":20250724-1000-1234567";
  private static final String NEXT = APP + ":20250724-1200-7654321";
  private static final String UNFIT = APP + ":20250723-1000-bad0bad";

  @TempDir static Path folder;
  private static TestEngine manager;
  private static TestEngine worker;
  private static User user;

  @BeforeAll
  static void join() throws IOException {
    manager = Engines.another28("swarm-manager", "containerd");
    worker = Engines.another28("swarm-worker", "classic");
    manager.connect(worker);
    user =
        new User(folder)
            .with(manager.environment())
            .with("S3DOCK_BUCKET", folder.resolve("store").toUri().toString());
    for (String reference : List.of(FIRST, SECOND, KEPT, NEXT)) {
      manager.helloImage(folder.resolve("context"), reference, "page of " + reference);
      user.s3dock("push", reference).ok();
    }
    Path context = Engines.helloContext(folder.resolve("context"), "of nobody");
    Files.writeString(
        context.resolve("Dockerfile"),
        "FROM scratch\nCOPY busybox /bin/busybox\nCMD [\"/bin/busybox\", \"false\"]\n");
    manager.engine().build(Plain.build(context, UNFIT), OutputStream.nullOutputStream());
    user.s3dock("push", UNFIT).ok();
    manager.docker("swarm", "init", "--advertise-addr", "10.214.0.1");
    String token = manager.docker("swarm", "join-token", "--quiet", "worker");
    worker.docker("swarm", "join", "--token", token, "10.214.0.1:2377");
  }

  /** Without a word to the others: they would wait for each other. */
  @AfterAll
  static void end() {
    for (TestEngine engine : List.of(manager, worker)) {
      engine.kill();
      engine.close();
    }
  }

  @AfterEach
  void removeServices() {
    for (String service : manager.docker("service", "ls", "--quiet").lines().toList()) {
      manager.docker("service", "rm", service);
    }
  }

  @Test
  void a_service_is_rolled_from_one_digest_to_the_next_on_both_hosts() throws Exception {
    try (ServeProcess here = ServeProcess.startIn(manager, user, folder);
        ServeProcess there = ServeProcess.startIn(worker, user, folder)) {
      String first = promoted(FIRST);
      manager.docker(
          "service",
          "create",
          "--name=" + APP,
          "--mode=global",
          "--stop-signal=SIGKILL",
          "--update-monitor=100ms",
          first);
      for (TestEngine engine : List.of(manager, worker)) {
        assertThat(page(engine)).isEqualTo("page of " + FIRST);
      }

      update(promoted(SECOND));
      for (TestEngine engine : List.of(manager, worker)) {
        assertThat(page(engine)).isEqualTo("page of " + SECOND);
      }
      update(first);
      assertThat(page(worker)).isEqualTo("page of " + FIRST);
      assertThat(here.output() + there.output()).doesNotContain(" cut", "\" 500 ", "Exception");
      assertThat(there.output()).contains("GET /v2/myapp/blobs/");
    }
  }

  @Test
  void an_agent_keeps_a_service_at_its_pointer_and_the_swarm_takes_back_what_is_not_fit()
      throws Exception {
    Files.writeString(
        user.workingDirectory().resolve("s3dock.json5"),
        ("{ agent: { apps: { myapp: ['kept'] }, interval: '500ms', host: 'manager-1' }, deploy: { myapp: { target: {"
                + " command: ['%s', '--mode=global', '--stop-signal=SIGKILL', '--update-monitor=2s'],"
                + " env: { DOCKER_HOST: '%s' } } } } }")
            .formatted(Path.of("src/dist/targets/swarm").toAbsolutePath(), manager.dockerHost()));
    user.s3dock("promote", KEPT, "kept", "--create").ok();
    Path log = folder.resolve("agent.txt");
    Process agent = null;
    try (ServeProcess _ = ServeProcess.startIn(manager, user, folder);
        ServeProcess _ = ServeProcess.startIn(worker, user, folder)) {
      agent = user.start(128, log, "agent");
      awaitKept(KEPT, log);
      String first = user.s3dock("current", APP, "kept", "--digest").ok().line();
      user.s3dock("promote", NEXT, "kept").ok();
      awaitKept(NEXT, log);
      await("it is done", log, () -> lines(log, " live " + NEXT) == 1);

      long before = lines(log, "note: running");
      manager.docker(
          "service", "update", "--detach", "--image=127.0.0.1:5000/" + first, APP + "-kept");
      await("it sees the drift", log, () -> lines(log, "note: running") > before);
      awaitKept(NEXT, log);

      user.s3dock("promote", UNFIT, "kept").ok();
      await("it gives up", log, () -> lines(log, " failed ") == 1);
      assertThat(kept().path("running").asText()).isEqualTo(NEXT);
      assertThat(kept().path("state").asText()).contains("failed here");
      assertThat(user.s3dock("deploy", APP, "kept", KEPT).ok().out()).contains("is live");
      awaitKept(KEPT, log);
      assertThat(user.s3dock("rollback", APP, "kept").ok().out()).contains(NEXT);
      awaitKept(NEXT, log);
      assertThat(user.s3dock("history", APP, "kept").ok().out()).contains("manager-1");
    } finally {
      if (agent != null) {
        agent.destroyForcibly().onExit().join();
      }
      Files.delete(user.workingDirectory().resolve("s3dock.json5"));
    }
  }

  private static void awaitKept(String reference, Path log) throws IOException {
    await(
        reference + " is live",
        log,
        () ->
            kept().path("running").asText().equals(reference)
                && kept().path("state").asText().equals("healthy"));
    for (TestEngine engine : List.of(manager, worker)) {
      assertThat(page(engine)).isEqualTo("page of " + reference);
    }
  }

  /** Says how things are, if it does not come true. */
  private static void await(String what, Path log, Callable<Boolean> condition) throws IOException {
    try {
      Eventually.holds(what, condition);
    } catch (AssertionError e) {
      throw new AssertionError(what + "\n" + kept() + "\n" + Files.readString(log), e);
    }
  }

  private static JsonNode kept() {
    return user.s3dock("status", APP, "kept", "--json").json().at("/data/deployments/0");
  }

  private static long lines(Path log, String words) throws IOException {
    return Files.readString(log).lines().filter(line -> line.contains(words)).count();
  }

  /** The image as an orchestrator is told it. */
  private static String promoted(String reference) {
    user.s3dock("promote", reference, "production", "--create").ok();
    return "127.0.0.1:5000/" + user.s3dock("current", APP, "production", "--digest").ok().line();
  }

  /** What the manual tells to run. */
  private static void update(String image) throws Exception {
    String line =
        Manual.block("kubernetes.md", "sh", "docker service update")
            .lines()
            .filter(it -> it.startsWith("docker service update"))
            .findFirst()
            .orElseThrow();
    ProcessBuilder builder = new ProcessBuilder("bash", "-c", line);
    builder.environment().putAll(manager.environment());
    builder.environment().put("image", image);
    Path output = folder.resolve("update.txt");
    Process process = builder.redirectErrorStream(true).redirectOutput(output.toFile()).start();
    assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
    assertThat(process.exitValue()).as(Files.readString(output)).isZero();
  }

  /** Of the one container that runs. */
  private static String page(TestEngine engine) {
    String container =
        Eventually.value(
            "one container",
            () ->
                Optional.of(engine.docker("ps", "--quiet"))
                    .filter(ids -> !ids.isEmpty() && !ids.contains("\n")));
    return engine.docker("exec", container, "/bin/busybox", "cat", "/www/index.html");
  }
}
