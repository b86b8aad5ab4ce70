package dev.s3dock.cli.progress;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class TransferredTest {
  private static final long SECOND = Duration.ofSeconds(1).toNanos();
  private static final long MIB = 1 << 20;

  @Test
  void a_step_with_a_total_tells_speed_and_time_left() {
    Transferred step = new Transferred("pack", 100 * MIB, 0);
    step.advance(20 * MIB);
    assertThat(step.line(2 * SECOND)).isEqualTo("pack: 20.0 MiB of 100.0 MiB, 0:08 left");
    assertThat(step.forms(2 * SECOND).getFirst())
        .isEqualTo(
            "pack  [====>               ]  20%  20.0 MiB of 100.0 MiB  10.0 MiB/s  0:08 left");
    assertThat(step.forms(2 * SECOND).getLast()).isEqualTo("pack 20%");
  }

  @Test
  void the_time_left_is_that_of_the_last_seconds() {
    Transferred step = new Transferred("upload", 1000 * MIB, 0);
    for (int second = 1; second <= 60; second++) {
      step.advance(second <= 20 ? 30 * MIB : 10 * MIB);
      step.line(second * SECOND);
    }
    assertThat(step.line(60 * SECOND + 1)).contains("0:00 left");
    Transferred stalled = new Transferred("upload", 100 * MIB, 0);
    stalled.advance(10 * MIB);
    stalled.line(SECOND);
    for (int second = 2; second <= 30; second++) {
      stalled.line(second * SECOND);
    }
    assertThat(stalled.line(31 * SECOND)).doesNotContain("left");
  }

  @Test
  void without_a_total_it_tells_how_much_and_how_long() {
    Transferred step = new Transferred("load", -1, 0);
    assertThat(step.forms(75 * SECOND).getFirst()).contains("load", "1:15");
    step.advance(3 * MIB);
    assertThat(step.line(76 * SECOND)).isEqualTo("load: 3.0 MiB");
  }

  @Test
  void a_total_that_was_too_small_is_never_exceeded() {
    Transferred step = new Transferred("pack", 10 * MIB, 0);
    step.advance(12 * MIB);
    assertThat(step.line(SECOND)).isEqualTo("pack: 10.0 MiB of 10.0 MiB, 0:00 left");
    assertThat(step.forms(SECOND).getLast()).isEqualTo("pack 99%");
  }
}
