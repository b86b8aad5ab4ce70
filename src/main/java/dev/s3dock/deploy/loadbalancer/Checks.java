package dev.s3dock.deploy.loadbalancer;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** What settings have in common. */
public final class Checks {
  private Checks() {}

  public static void absolute(String what, Path path) {
    if (!path.isAbsolute() || path.getFileName() == null) {
      throw new IllegalArgumentException("%s needs an absolute path: '%s'".formatted(what, path));
    }
  }

  public static List<String> command(String what, List<String> command) {
    if (command.isEmpty() || command.getFirst().isBlank()) {
      throw new IllegalArgumentException("the command line of %s is empty".formatted(what));
    }
    return List.copyOf(command);
  }

  public static void positive(String what, Duration duration) {
    if (!duration.isPositive()) {
      throw new IllegalArgumentException("%s must be above 0: %s".formatted(what, duration));
    }
  }
}
