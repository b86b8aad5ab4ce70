package dev.s3dock.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TimeSpanTest {
  @ParameterizedTest
  @CsvSource({
    "0s, PT0S",
    "500ms, PT0.5S",
    "30s, PT30S",
    "5m, PT5M",
    "36h, PT36H",
    "90d, PT2160H",
    "2w, PT336H",
    "999999h, PT999999H",
    "99999w, PT16799832H",
    "99999d, PT2399976H"
  })
  void a_duration_is_a_number_and_a_unit(String text, Duration time) {
    assertThat(TimeSpan.parse(text)).contains(time);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "5",
        "s",
        "5 m",
        "-5m",
        "1.5h",
        "1h30m",
        "5M",
        "5y",
        "1000000s",
        "100000w",
        "5m\n"
      })
  void anything_else_is_none(String text) {
    assertThat(TimeSpan.parse(text)).isEmpty();
  }

  @Test
  void a_limit_can_be_counted_in_nanoseconds() {
    assertThat(TimeSpan.limit("999999h").orElseThrow().toNanos()).isPositive();
    assertThat(TimeSpan.limit("99999w")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"3m", "90s", "500ms"})
  void an_age_is_not_given_in_minutes_since_they_could_be_meant_as_months(String text) {
    assertThat(TimeSpan.parse(text)).isPresent();
    assertThat(TimeSpan.age(text)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"0MiB, 0", "500MiB, 524288000", "2GiB, 2147483648", "9999999GiB, 10737417166258176"})
  void a_size_is_a_number_and_a_unit(String text, long bytes) {
    assertThat(Parser.SIZE.read().apply(text)).contains(bytes);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "5", "MiB", "2GB", "2 GiB", "1.5GiB", "10000000MiB", "off"})
  void any_other_size_is_none(String text) {
    assertThat(Parser.SIZE.read().apply(text)).isEmpty();
  }
}
