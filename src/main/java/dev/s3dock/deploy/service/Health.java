package dev.s3dock.deploy.service;

import java.time.Duration;
import java.util.List;

/**
 * When a container counts as fit to serve.
 *
 * @param check what is asked
 * @param interval from the beginning of one check to that of the next
 * @param timeout of one check
 * @param passes how many checks in a row must pass
 * @param deadline from the container's start until they have passed
 */
public record Health(
    Check check, Duration interval, Duration timeout, int passes, Duration deadline) {
  public Health {
    if (passes < 1) {
      throw new IllegalArgumentException("health.passes must be 1 or more");
    }
  }

  /** What is asked of a container. */
  public sealed interface Check {
    /** A GET of this path on its port. */
    record Http(String path, StatusRange status) implements Check {}

    /** A command inside, which ends with 0. */
    record Command(List<String> command) implements Check {}

    /** The image's own HEALTHCHECK, which the engine runs. */
    record OfImage() implements Check {}
  }
}
