package dev.s3dock.image;

import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.time.format.ResolverStyle;

/**
 * Minute of a commit, {@code YYYYMMDD-HHMM}: the committer date in the offset that the commit
 * itself records, so that it is the same on every machine.
 *
 * @throws InvalidNameException if the value is no such minute of the calendar
 */
public record CommitStamp(String value) implements Comparable<CommitStamp> {
  private static final DateTimeFormatter FORM =
      DateTimeFormatter.ofPattern("uuuuMMdd-HHmm").withResolverStyle(ResolverStyle.STRICT);

  public CommitStamp {
    if (value.length() != 13 || !isMinute(value)) {
      throw new InvalidNameException(
          "malformed commit stamp '%s': use YYYYMMDD-HHMM".formatted(Printable.of(value)));
    }
  }

  /** The stamp of a commit's date, in that date's own offset. */
  public static CommitStamp of(OffsetDateTime committedAt) {
    return new CommitStamp(FORM.format(committedAt));
  }

  /** The month as buckets file it, {@code YYYYMM}. */
  public String yearMonth() {
    return value.substring(0, 6);
  }

  private static boolean isMinute(String text) {
    try {
      LocalDateTime.parse(text, FORM);
      return true;
    } catch (DateTimeParseException e) {
      return false;
    }
  }

  @Override
  public int compareTo(CommitStamp other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
