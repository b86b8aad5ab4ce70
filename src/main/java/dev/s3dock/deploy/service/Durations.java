package dev.s3dock.deploy.service;

import java.time.Duration;

/** Durations as people write them. */
public final class Durations {
  private Durations() {}

  /** {@code 250ms}, {@code 2.5s}, {@code 90s}. */
  public static String text(Duration duration) {
    long millis = duration.toMillis();
    if (millis < 1000) {
      return millis + "ms";
    }
    return millis % 1000 == 0 || millis >= 60_000
        ? duration.toSeconds() + "s"
        : "%.1fs".formatted(millis / 1000.0);
  }
}
