package dev.s3dock.cli.bucket;

import dev.s3dock.cli.invocation.UsageException;
import dev.s3dock.image.Printable;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Points in time as people name them. */
public final class TimeArgument {
  private static final Pattern AGO = Pattern.compile("(\\d{1,5})([mhdw])");

  private TimeArgument() {}

  /**
   * Reads {@code 7d} (so long ago; {@code m}, {@code h}, {@code d} or {@code w}), {@code
   * 2025-08-01} (when that day begins, where the clock is) or RFC 3339.
   *
   * @param option that has the text, for the message
   */
  public static Instant parse(String option, String text, Clock clock) {
    Matcher ago = AGO.matcher(text);
    if (ago.matches()) {
      return clock.instant().minus(unit(ago.group(2)).multipliedBy(Long.parseLong(ago.group(1))));
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

  private static Duration unit(String letter) {
    return switch (letter) {
      case "m" -> Duration.ofMinutes(1);
      case "h" -> Duration.ofHours(1);
      case "d" -> Duration.ofDays(1);
      default -> Duration.ofDays(7);
    };
  }
}
