package dev.s3dock.cli.bucket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.cli.User;
import dev.s3dock.testing.Eventually;
import dev.s3dock.testing.Manual;
import dev.s3dock.testing.engine.Engines;
import dev.s3dock.testing.engine.Engines.TestEngine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
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
    for (String reference : List.of(FIRST, SECOND)) {
      manager.helloImage(folder.resolve("context"), reference, "page of " + reference);
      user.s3dock("push", reference).ok();
    }
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

  /** The image as an orchestrator is told it. */
  private static String promoted(String reference) {
    user.s3dock("promote", reference, "production").ok();
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
