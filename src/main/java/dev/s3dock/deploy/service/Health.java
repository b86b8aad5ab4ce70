package dev.s3dock.deploy.service;

import dev.s3dock.image.Printable;
import java.net.URI;
import java.net.URISyntaxException;
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
    record Http(String path, StatusRange status) implements Check {
      public Http {
        try {
          new URI("http://localhost" + path);
        } catch (URISyntaxException e) {
          throw new IllegalArgumentException(
              "health.path '%s' cannot stand in a URL: write a space as %%20, and other such characters by their codes"
                  .formatted(Printable.of(path)),
              e);
        }
      }
    }

    /** A command inside, which ends with 0. */
    record Command(List<String> command) implements Check {}

    /** Nothing: that its program runs is all. */
    record Running() implements Check {}

    /** The image's own HEALTHCHECK, which the engine runs. */
    record OfImage() implements Check {}
  }
}
