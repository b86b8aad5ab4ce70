package dev.s3dock.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.DayOfWeek;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WeeklyWindowTest {
  private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

  /** 2025-08-04 is a Monday; Berlin is two hours before UTC then. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          Mon-Fri 09:00-17:00 | 2025-08-04T06:59:59Z | false
          Mon-Fri 09:00-17:00 | 2025-08-04T07:00:00Z | true
          Mon-Fri 09:00-17:00 | 2025-08-04T14:59:59Z | true
          Mon-Fri 09:00-17:00 | 2025-08-04T15:00:00Z | false
          Mon-Fri 09:00-17:00 | 2025-08-09T08:00:00Z | false
          Sat 22:00-06:00 | 2025-08-10T03:00:00Z | true
          Sat 22:00-06:00 | 2025-08-09T03:00:00Z | false
          Fri-Mon 00:00-24:00 | 2025-08-03T12:00:00Z | true
          Fri-Mon 00:00-24:00 | 2025-08-05T12:00:00Z | false
          Mon,Wed-Thu 02:00-04:00 | 2025-08-06T01:00:00Z | true
          02:00-04:00 | 2025-08-05T01:30:00Z | true
          """)
  void it_is_open_by_the_clock_on_the_wall(String text, Instant time, boolean open) {
    assertThat(WeeklyWindow.parse(text).orElseThrow().contains(time, BERLIN)).isEqualTo(open);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "Mon",
        "mon 09:00-17:00",
        "Mon-Fri",
        "9:00-17:00",
        "09:00-24:01",
        "24:00-09:00",
        "09:00-09:00",
        "Mon- 09:00-17:00",
        "Mon 09:00-17:00 UTC",
        " 09:00-17:00",
        "Mon,,Tue 01:00-02:00"
      })
  void anything_else_is_refused(String text) {
    assertThat(WeeklyWindow.parse(text)).isEmpty();
  }

  @Test
  void the_next_beginning_is_known_and_a_change_of_the_clocks_moves_it() {
    WeeklyWindow office = WeeklyWindow.parse("Mon-Fri 09:00-17:00").orElseThrow();
    assertThat(office.next(Instant.parse("2025-10-24T08:00:00Z"), BERLIN))
        .isEqualTo("2025-10-27T08:00:00Z"); // on the 26th summer time ends
    WeeklyWindow night = WeeklyWindow.parse("Sun 02:15-02:45").orElseThrow();
    assertThat(night.contains(Instant.parse("2025-10-26T00:30:00Z"), BERLIN)).isTrue();
    assertThat(night.contains(Instant.parse("2025-10-26T01:30:00Z"), BERLIN)).isTrue();
    assertThat(List.copyOf(night.days())).containsExactly(DayOfWeek.SUNDAY);
  }
}
