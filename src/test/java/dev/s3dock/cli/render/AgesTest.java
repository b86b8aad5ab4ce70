package dev.s3dock.cli.render;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AgesTest {
  private static final Instant NOW = Instant.parse("2026-11-29T12:00:00Z");

  @ParameterizedTest
  @CsvSource({
    "PT-3S, just now",
    "PT1S, just now",
    "PT90S, 90 s ago",
    "PT119M, 119 min ago",
    "PT47H, 47 h ago",
    "P2D, 2 days ago",
    "P59D, 59 days ago",
    "P65D, 2 months ago",
    "P800D, 2 years ago"
  })
  void an_age_is_told_in_the_largest_unit_that_there_are_two_of(Duration age, String text) {
    assertThat(Ages.of(NOW.minus(age), NOW)).isEqualTo(text);
  }

  @Test
  void a_text_that_is_no_time_is_shown_as_it_is() {
    assertThat(Ages.ofText("2026-11-29T13:00:00+02:00", NOW)).isEqualTo("60 min ago");
    assertThat(Ages.ofText("yesterday", NOW)).isEqualTo("yesterday");
    assertThat(Ages.ofText("", NOW)).isEmpty();
  }
}
