package dev.s3dock.config;

import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A time of the week: {@code Mon-Fri 09:00-17:00}, {@code Sat,Sun 22:00-06:00}, {@code
 * 02:00-04:00}. Days are those of its beginning, all of them if none is named; an end that is not
 * after the beginning is on the next day. Times are those of a clock on the wall in a time zone:
 * the hour that a change of the clocks leaves out is not there, and the one that it repeats counts
 * twice.
 *
 * @param days on which it begins
 * @param from its first minute
 * @param length until its end, by the clock on the wall; at most a day
 */
public record WeeklyWindow(Set<DayOfWeek> days, LocalTime from, Duration length) {
  private static final String DAY = "Mon|Tue|Wed|Thu|Fri|Sat|Sun";
  private static final String TIME = "([01]\\d|2[0-3]):([0-5]\\d)";
  private static final Pattern GRAMMAR =
      Pattern.compile(
          "(?:((?:%1$s)(?:-(?:%1$s))?(?:,(?:%1$s)(?:-(?:%1$s))?)*) )?%2$s-(?:%2$s|24:00)"
              .formatted(DAY, TIME));
  private static final List<String> NAMES = List.of(DAY.split("\\|"));
  private static final int WEEK = 7;
  private static final Duration DAY_LONG = Duration.ofDays(1);

  public WeeklyWindow {
    days = Set.copyOf(days);
  }

  /** Reads one; empty for any other text, and for one without length. */
  public static Optional<WeeklyWindow> parse(String text) {
    Matcher matcher = GRAMMAR.matcher(text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    LocalTime from = time(matcher.group(2), matcher.group(3));
    Duration start = Duration.between(LocalTime.MIDNIGHT, from);
    Duration end =
        matcher.group(4) == null
            ? DAY_LONG
            : Duration.between(LocalTime.MIDNIGHT, time(matcher.group(4), matcher.group(5)));
    Duration length = end.compareTo(start) > 0 ? end.minus(start) : end.plus(DAY_LONG).minus(start);
    return end.equals(start)
        ? Optional.empty()
        : Optional.of(new WeeklyWindow(days(matcher.group(1)), from, length));
  }

  private static LocalTime time(String hours, String minutes) {
    return LocalTime.of(Integer.parseInt(hours), Integer.parseInt(minutes));
  }

  private static Set<DayOfWeek> days(@Nullable String text) {
    if (text == null) {
      return EnumSet.allOf(DayOfWeek.class);
    }
    Set<DayOfWeek> days = EnumSet.noneOf(DayOfWeek.class);
    for (String range : text.split(",", -1)) {
      String[] ends = range.split("-", -1);
      int first = NAMES.indexOf(ends[0]);
      int last = NAMES.indexOf(ends[ends.length - 1]);
      for (int day = 0; day <= Math.floorMod(last - first, WEEK); day++) {
        days.add(DayOfWeek.MONDAY.plus(first + day));
      }
    }
    return days;
  }

  /** True if the time is in the window: its beginning is, its end is not. */
  public boolean contains(Instant time, ZoneId zone) {
    var wall = time.atZone(zone).toLocalDateTime();
    for (LocalDate day : List.of(wall.toLocalDate(), wall.toLocalDate().minusDays(1))) {
      var begins = day.atTime(from);
      if (days.contains(day.getDayOfWeek())
          && !wall.isBefore(begins)
          && wall.isBefore(begins.plus(length))) {
        return true;
      }
    }
    return false;
  }

  /** When it begins next, after the time. */
  public Instant next(Instant time, ZoneId zone) {
    LocalDate day = time.atZone(zone).toLocalDate();
    while (true) {
      Instant begins = day.atTime(from).atZone(zone).toInstant();
      if (days.contains(day.getDayOfWeek()) && begins.isAfter(time)) {
        return begins;
      }
      day = day.plusDays(1);
    }
  }
}
