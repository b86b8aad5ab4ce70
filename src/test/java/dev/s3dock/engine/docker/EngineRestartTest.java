package dev.s3dock.engine.docker;

import static dev.s3dock.engine.docker.DockerEngineContract.fails;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.s3dock.engine.ContainerSpec;
import dev.s3dock.engine.Containers;
import dev.s3dock.engine.EngineException;
import dev.s3dock.engine.EngineException.Kind;
import dev.s3dock.testing.Eventually;
import dev.s3dock.testing.engine.Engines;
import dev.s3dock.testing.engine.Engines.TestEngine;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of containers, and of calls, when their engine goes and comes again. */
@Tag("engine")
@Order(2)
class EngineRestartTest {
  private static final String BOX = "box:1";
  private static final List<String> POLICIES =
      List.of("always", "unless-stopped", "on-failure", "on-failure:5");

  @TempDir Path temp;

  @Test
  void stopped_containers_stay_stopped_and_calls_say_that_docker_20_is_gone() {
    try (TestEngine engine = Engines.another20("restarted20")) {
      verify(engine);
    }
  }

  @Test
  void stopped_containers_stay_stopped_and_calls_say_that_docker_26_is_gone() {
    try (TestEngine engine = Engines.another26("restarted26")) {
      verify(engine);
    }
  }

  /** As after an upgrade, or a step back, of an engine that a process has spoken to before. */
  @Test
  void each_engine_behind_the_same_socket_is_spoken_to_in_a_version_that_it_knows()
      throws Exception {
    Path socket = temp.resolve("docker.sock");
    try (DockerEngine engine =
        DockerEngine.connect(Map.of("DOCKER_HOST", "unix://" + socket), Duration.ofMinutes(1))) {
      for (TestEngine next : List.of(Engines.docker26(), Engines.docker20(), Engines.docker26())) {
        Files.deleteIfExists(socket);
        Files.createSymbolicLink(socket, Path.of(URI.create(next.dockerHost()).getPath()));
        assertThat(engine.containers().list(Map.of("label-of", "nobody"))).isEmpty();
      }
    }
  }

  private void verify(TestEngine engine) {
    Containers containers = engine.engine().containers();
    BoxImage.build(engine, temp, BOX, "");
    List<String> stopped = new ArrayList<>();
    for (String policy : POLICIES) {
      String id = run(containers, "stopped-" + policy.replace(':', '-'), policy);
      containers.stop(id, Duration.ZERO); // killed: an end that on-failure counts as one
      stopped.add(id);
    }
    String running = run(containers, "running", "unless-stopped");

    CompletableFuture<Optional<Containers.Exit>> command =
        CompletableFuture.supplyAsync(
            () ->
                containers.exec(
                    running, List.of("sh", "-c", "touch /begun; sleep 600"), Duration.ofMinutes(5)),
            Thread::startVirtualThread);
    Eventually.holds("the command runs", () -> hasBegun(containers, running));
    engine.kill();
    assertThatThrownBy(command::join)
        .cause()
        .asInstanceOf(type(EngineException.class))
        .satisfies(e -> assertThat(e.kind()).isEqualTo(Kind.UNAVAILABLE));
    everyCallIsRefused(containers, running);

    engine.up();
    Eventually.holds(
        "what ran runs again", () -> containers.inspect(running).orElseThrow().isRunning());
    for (String id : stopped) {
      assertThat(containers.inspect(id).orElseThrow().isRunning()).isFalse();
    }
    containers.start(stopped.get(0));
    assertThat(containers.inspect(stopped.get(0)).orElseThrow().isRunning()).isTrue();
  }

  private static boolean hasBegun(Containers containers, String id) {
    List<String> look = List.of("test", "-f", "/begun");
    return containers.exec(id, look, Duration.ofMinutes(1)).orElseThrow().code() == 0;
  }

  private static void everyCallIsRefused(Containers containers, String id) {
    ContainerSpec spec = new SpecBuilder("new", BOX).build();
    fails(() -> containers.create(spec), Kind.UNAVAILABLE, "cannot reach");
    fails(() -> containers.start(id), Kind.UNAVAILABLE, "cannot reach");
    fails(() -> containers.stop(id, Duration.ZERO), Kind.UNAVAILABLE, "cannot reach");
    fails(() -> containers.rename(id, "other"), Kind.UNAVAILABLE, "cannot reach");
    fails(() -> containers.remove(id), Kind.UNAVAILABLE, "cannot reach");
    fails(() -> containers.inspect(id), Kind.UNAVAILABLE, "cannot reach");
    fails(() -> containers.list(Map.of()), Kind.UNAVAILABLE, "cannot reach");
    fails(() -> containers.logs(id, 1), Kind.UNAVAILABLE, "cannot reach");
    fails(
        () -> containers.exec(id, List.of("true"), Duration.ofSeconds(1)),
        Kind.UNAVAILABLE,
        "cannot reach");
  }

  private static String run(Containers containers, String name, String policy) {
    String id = containers.create(new SpecBuilder(name, BOX).restart(policy).build());
    containers.start(id);
    return id;
  }
}
