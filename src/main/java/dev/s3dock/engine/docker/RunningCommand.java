package dev.s3dock.engine.docker;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.s3dock.engine.Containers.Exit;
import dev.s3dock.engine.docker.api.DockerApi;
import dev.s3dock.engine.docker.api.Query;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/** A command in a container, from its start to its end. */
final class RunningCommand {
  private static final int OK = 200;
  private static final int ABSENT = 404;
  private static final int MOST_OF_AN_OUTPUT = 4 * 1024;
  private static final Duration POLL = Duration.ofMillis(20);

  private final DockerApi api;
  private final String container;
  private final String id;
  private final long deadline;

  /**
   * @param id the engine's, of the command, which has not been started
   * @param deadline as of {@link System#nanoTime}
   */
  RunningCommand(DockerApi api, String container, String id, long deadline) {
    this.api = api;
    this.container = container;
    this.id = id;
    this.deadline = deadline;
  }

  /** Starts it and waits for its end; empty if that did not come within the deadline. */
  Optional<Exit> await() {
    return api.follow(
            "POST",
            Query.path("/exec/", id, "/start"),
            JsonNodeFactory.instance.objectNode().put("Detach", false).put("Tty", false),
            Duration.ofNanos(Math.max(1, deadline - System.nanoTime())),
            what(),
            RunningCommand::output)
        .flatMap(output -> exitCode().map(code -> new Exit(code, output)));
  }

  private static String output(InputStream body) throws IOException {
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    OutputFrames.read(
        body,
        false,
        (_, bytes, count) ->
            output.write(bytes, 0, Math.min(count, MOST_OF_AN_OUTPUT - output.size())));
    return output.toString(UTF_8);
  }

  /** Its output ends a moment before the engine knows of its end, or long before. */
  private Optional<Integer> exitCode() {
    while (true) {
      DockerApi.Answer answer = api.get(Query.path("/exec/", id, "/json"));
      if (answer.status() == ABSENT) {
        throw ContainerFailures.absent(container);
      }
      if (answer.status() != OK) {
        throw api.failed(answer, what());
      }
      JsonNode state = answer.json();
      if (!state.path("Running").asBoolean() && state.path("ExitCode").isInt()) {
        return Optional.of(state.path("ExitCode").asInt());
      }
      if (System.nanoTime() > deadline) {
        return Optional.empty();
      }
      LockSupport.parkNanos(POLL.toNanos());
    }
  }

  private String what() {
    return "cannot run a command in the container " + container;
  }
}
