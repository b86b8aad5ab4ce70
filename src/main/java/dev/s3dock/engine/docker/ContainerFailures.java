package dev.s3dock.engine.docker;

import dev.s3dock.engine.Container;
import dev.s3dock.engine.ContainerSpec;
import dev.s3dock.engine.EngineException;
import dev.s3dock.engine.EngineException.Kind;
import dev.s3dock.engine.docker.api.DockerApi;
import dev.s3dock.engine.docker.api.DockerErrors;
import java.util.stream.Collectors;

/** Says why there is no container, or why it does not run, and what to do. */
final class ContainerFailures {
  private static final int ABSENT = 404;
  private static final int CONFLICT = 409;

  private ContainerFailures() {}

  static EngineException notCreated(DockerApi.Answer answer, ContainerSpec spec, String what) {
    String message = Variables.hidden(spec.options().env(), oneLine(answer.message()));
    if (answer.status() == ABSENT && message.contains("No such image")) {
      return new EngineException(
          Kind.NOT_FOUND,
          "%s: the engine has no image %s: pull it first (`s3dock pull`), or see `docker images`"
              .formatted(what, spec.image()));
    }
    return answer.status() == CONFLICT
        ? new EngineException(
            Kind.FAILED,
            "%s: a container of this name exists; remove it (`docker rm -f %s`), or choose another name"
                .formatted(what, spec.name()))
        : DockerErrors.ofMessage(Kind.FAILED, what, message);
  }

  static EngineException notStarted(DockerApi.Answer answer, Container container) {
    String what = "cannot start the container " + container.name();
    String message = oneLine(answer.message());
    if (message.contains("address already in use") || message.contains("already allocated")) {
      return new EngineException(
          Kind.FAILED,
          "%s: %s is in use: free it (`ss -ltnp` and `docker ps` show who has it), or publish another port"
              .formatted(
                  what,
                  container.published().stream()
                      .map(port -> port.hostIp() + ":" + port.hostPort())
                      .collect(Collectors.joining(" or "))));
    }
    boolean program = message.contains("OCI runtime") || message.contains("exec:");
    return DockerErrors.ofMessage(
        Kind.FAILED,
        what,
        program
            ? "%s (its image is %s: check the arguments, the user and the image's ENTRYPOINT)"
                .formatted(message, container.image())
            : message);
  }

  static EngineException notRunning(String name) {
    return new EngineException(
        Kind.FAILED,
        "cannot run a command in the container %s: it is not running; see why with `docker logs %s`"
            .formatted(name, name));
  }

  static EngineException absent(String container) {
    return new EngineException(
        Kind.NOT_FOUND, "the engine has no container %s: see `docker ps -a`".formatted(container));
  }

  /** The engine passes on its runtime's messages, which may have several. */
  static String oneLine(String text) {
    return text.strip().replaceAll("\\s+", " ");
  }
}
