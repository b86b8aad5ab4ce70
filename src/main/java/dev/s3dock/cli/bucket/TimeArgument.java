package dev.s3dock.cli.bucket;

import dev.s3dock.cli.invocation.UsageException;
import dev.s3dock.config.TimeSpan;
import dev.s3dock.image.Printable;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.Optional;

/** Points in time as people name them. */
public final class TimeArgument {
  private TimeArgument() {}

  /**
   * Reads {@code 7d} (so long ago, as in {@link TimeSpan}), {@code 2025-08-01} (when that day
   * begins, where the clock is) or RFC 3339.
   *
   * @param option that has the text, for the message
   */
  public static Instant parse(String option, String text, Clock clock) {
    Optional<Duration> ago = TimeSpan.parse(text);
    if (ago.isPresent()) {
      return clock.instant().minus(ago.get());
    }
    try {
      return text.indexOf('T') < 0
          ? LocalDate.parse(text).atStartOfDay(clock.getZone()).toInstant()
          : OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeParseException e) {
      throw new UsageException(
          "%s must be how long ago (30m, 12h, 7d, 2w), a day (2025-08-01) or a time (2025-08-01T09:30:00Z), not %s"
              .formatted(option, Printable.of(text)));
    }
  }
}
