package dev.s3dock.cli.render;

import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;

/** Times as a person reads them: how long ago. */
public final class Ages {
  private static final int DAYS_OF_MONTH = 30;
  private static final int DAYS_OF_YEAR = 365;

  private Ages() {}

  /** Such as {@code 3 days ago}, in the largest unit of which there are two. */
  public static String of(Instant then, Instant now) {
    Duration age = Duration.between(then, now);
    long days = age.toDays();
    if (age.compareTo(Duration.ofSeconds(2)) < 0) {
      return "just now";
    }
    if (age.toSeconds() < 120) {
      return age.toSeconds() + " s ago";
    }
    if (age.toMinutes() < 120) {
      return age.toMinutes() + " min ago";
    }
    if (age.toHours() < 48) {
      return age.toHours() + " h ago";
    }
    if (days < 2 * DAYS_OF_MONTH) {
      return days + " days ago";
    }
    return days < 2 * DAYS_OF_YEAR
        ? days / DAYS_OF_MONTH + " months ago"
        : days / DAYS_OF_YEAR + " years ago";
  }

  /** The same of a time in RFC 3339 form; another text as it is. */
  public static String ofText(String then, Instant now) {
    try {
      return of(DateTimeFormatter.ISO_OFFSET_DATE_TIME.parse(then, Instant::from), now);
    } catch (DateTimeParseException e) {
      return then;
    }
  }
}
