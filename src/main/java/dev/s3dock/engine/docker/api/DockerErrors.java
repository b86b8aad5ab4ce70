package dev.s3dock.engine.docker.api;

import dev.s3dock.engine.EngineException;
import dev.s3dock.engine.EngineException.Kind;
import dev.s3dock.image.FailureWords;
import java.time.Duration;
import java.util.Locale;

/** Makes one clear message of what the transport or the engine reports. */
public final class DockerErrors {
  private static final String REMEDY =
      "start it (`systemctl start docker`), or point DOCKER_HOST at a running one; push and pull also work without an engine, with --from and --to";

  private DockerErrors() {}

  /** The engine's own words, which alone tell a full disk from other trouble. */
  public static EngineException ofMessage(Kind kind, String what, String engineSays) {
    boolean full = engineSays.toLowerCase(Locale.ROOT).contains("no space left on device");
    return new EngineException(
        full ? Kind.NO_SPACE : kind,
        "%s: %s%s"
            .formatted(
                what,
                engineSays.strip(),
                full
                    ? " (free some space on the engine's disk, for example with `docker image prune`)"
                    : ""));
  }

  /** Says what an error without a kind of its own means here. */
  public static EngineException as(Kind kind, EngineException failure) {
    return failure.kind() == Kind.FAILED
        ? new EngineException(kind, String.valueOf(failure.getMessage()), failure)
        : failure;
  }

  public static EngineException noAnswer(Duration timeout, DockerAddress address) {
    return new EngineException(
        Kind.UNAVAILABLE,
        "the Docker engine at %s did not answer within %d s: %s"
            .formatted(address, Math.max(1, timeout.toSeconds()), REMEDY));
  }

  /** A connection that could not be made, or broke. */
  public static EngineException connection(Throwable cause, DockerAddress address) {
    String message = rootMessage(cause);
    if (message.contains("Permission denied")) {
      return new EngineException(
          Kind.UNAVAILABLE,
          "no permission to use the Docker engine at %s: run as a member of the group that owns the socket (`usermod -aG docker USER`, then log in again), or as root"
              .formatted(address),
          cause);
    }
    return new EngineException(
        Kind.UNAVAILABLE,
        "cannot reach the Docker engine at %s (%s): %s".formatted(address, message, REMEDY),
        cause);
  }

  /** What the innermost cause says. */
  public static String rootMessage(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return FailureWords.of(root);
  }
}
