package dev.s3dock.config;

import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Durations as people write them: a whole number of up to six digits and a unit, {@code ms}, {@code
 * s}, {@code m}, {@code h}, {@code d} or {@code w}. This is the one grammar of the configuration
 * and of options.
 */
public final class TimeSpan {
  private static final Pattern GRAMMAR = Pattern.compile("(\\d{1,6})(ms|[smhdw])");
  private static final Duration LONGEST = Duration.ofDays(7 * 99_999);
  private static final Duration LONGEST_LIMIT = Duration.ofHours(999_999);

  private TimeSpan() {}

  /** Reads a duration of at most {@code 99999w}; empty for any other text. */
  public static Optional<Duration> parse(String text) {
    Matcher matcher = GRAMMAR.matcher(text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    Duration time = unit(matcher.group(2)).multipliedBy(Long.parseLong(matcher.group(1)));
    return Optional.of(time).filter(read -> read.compareTo(LONGEST) <= 0);
  }

  /** Reads how long something may take: at most {@code 999999h}, which a clock can count in ns. */
  public static Optional<Duration> limit(String text) {
    return parse(text).filter(time -> time.compareTo(LONGEST_LIMIT) <= 0);
  }

  /** Reads an age in {@code h}, {@code d} or {@code w}; an {@code m} could be meant as months. */
  public static Optional<Duration> age(String text) {
    return parse(text).filter(_ -> !text.endsWith("s") && !text.endsWith("m"));
  }

  private static Duration unit(String unit) {
    return switch (unit) {
      case "ms" -> Duration.ofMillis(1);
      case "s" -> Duration.ofSeconds(1);
      case "m" -> Duration.ofMinutes(1);
      case "h" -> Duration.ofHours(1);
      case "d" -> Duration.ofDays(1);
      default -> Duration.ofDays(7);
    };
  }
}
