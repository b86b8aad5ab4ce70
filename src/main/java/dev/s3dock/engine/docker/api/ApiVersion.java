package dev.s3dock.engine.docker.api;

import dev.s3dock.engine.EngineException;
import dev.s3dock.engine.EngineException.Kind;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/**
 * A version of the engine's API (docs.docker.com/reference/api/engine/version-history).
 *
 * @param minor what follows {@code 1.}
 */
record ApiVersion(int major, int minor) implements Comparable<ApiVersion> {
  /** Docker 20.10. */
  static final ApiVersion OLDEST = new ApiVersion(1, 41);

  /** Newest one that this adapter was written for; later engines still answer it. */
  static final ApiVersion NEWEST = new ApiVersion(1, 47);

  /**
   * The version to speak with an engine whose newest one is given.
   *
   * @throws EngineException {@code TOO_OLD}, or {@code UNAVAILABLE} if that is not an engine
   */
  static ApiVersion negotiate(@Nullable String offered, DockerAddress address) {
    ApiVersion newest = parse(offered, address);
    if (newest.compareTo(OLDEST) < 0) {
      throw new EngineException(
          Kind.TOO_OLD,
          "the engine at %s supports API %s, but s3dock needs %s: update it to Docker 20.10 or later"
              .formatted(address, newest, OLDEST));
    }
    return newest.compareTo(NEWEST) < 0 ? newest : NEWEST;
  }

  private static ApiVersion parse(@Nullable String text, DockerAddress address) {
    String[] parts = text == null ? new String[0] : text.split("\\.", -1);
    try {
      if (parts.length == 2) {
        return new ApiVersion(Integer.parseInt(parts[0]), Integer.parseInt(parts[1]));
      }
    } catch (NumberFormatException e) {
      // falls through: not a version
    }
    throw new EngineException(
        Kind.UNAVAILABLE,
        "what answers at %s is not a Docker engine: check DOCKER_HOST".formatted(address));
  }

  /** What a path starts with. */
  String prefix() {
    return "/v" + this;
  }

  @Override
  public int compareTo(ApiVersion other) {
    return Comparator.comparingInt(ApiVersion::major)
        .thenComparingInt(ApiVersion::minor)
        .compare(this, other);
  }

  @Override
  public String toString() {
    return major + "." + minor;
  }
}
