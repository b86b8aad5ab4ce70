package dev.s3dock.engine;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The containers of an engine.
 *
 * <p>Every method may throw {@link EngineException}, for the reasons that {@link Engine} names. No
 * call is retried. Values of environment variables never show in a message. Safe for use by several
 * threads.
 */
public interface Containers {
  /**
   * Creates a container, and does not start it.
   *
   * @return its ID
   * @throws EngineException {@code NOT_FOUND} if the engine has no such image; {@code FAILED} with
   *     the engine's words if it refuses the specification, or a container has this name
   */
  String create(ContainerSpec spec);

  /**
   * Starts a container; one that runs is no error. It has its restart policy again, which {@link
   * #stop} took away.
   *
   * @throws EngineException {@code NOT_FOUND} if there is none; {@code FAILED} with the engine's
   *     words if its program cannot be started, or its published port is taken
   */
  void start(String id);

  /**
   * Sends the container's stop signal, and kills what still runs after the grace; returns when it
   * has stopped. A container that has stopped or is gone is no error. The engine does not start it
   * again by itself afterwards, whatever its restart policy, and not when the engine itself starts
   * again; that holds for containers of {@link #create}.
   *
   * @param grace in whole seconds, rounded up
   */
  void stop(String id, Duration grace);

  /**
   * Gives a container another name, also while it runs.
   *
   * @throws EngineException {@code NOT_FOUND} if there is no such container; {@code FAILED} if
   *     another has this name
   */
  void rename(String id, String name);

  /** Kills a container if it runs, and removes it with its anonymous volumes; gone is no error. */
  void remove(String id);

  /** The container with this ID or name. */
  Optional<Container> inspect(String idOrName);

  /** The containers that have all of these labels, running or not, the newest first. */
  List<Container> list(Map<String, String> labels);

  /**
   * The last lines of what a container has written, both streams in the order they came, as UTF-8
   * with whatever control characters are in it. Empty if it is gone, or its log driver keeps
   * nothing that can be read.
   *
   * @param most lines at most, and together no more than the last 1 MiB; a line that is longer than
   *     that is cut
   */
  List<String> logs(String id, int most);

  /**
   * Runs a command inside of a running container, and waits for its end.
   *
   * @return what became of it, with code 126 or 127 and the reason if there is no such program;
   *     empty if it did not end within the timeout (it may run on)
   * @throws EngineException {@code NOT_FOUND} if the container is gone, {@code FAILED} if it does
   *     not run
   */
  Optional<Exit> exec(String id, List<String> command, Duration timeout);

  /**
   * What became of a command.
   *
   * @param output both streams, the first 4 KiB
   */
  record Exit(int code, String output) {}
}
