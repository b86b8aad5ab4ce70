package dev.s3dock.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CountedStepTest {
  private final List<String> shown = new ArrayList<>();

  private final TransferProgress progress =
      (name, total) -> {
        shown.add("%s of %d".formatted(name, total));
        return new TransferProgress.Step() {
          @Override
          public void advance(long bytes) {
            shown.add("+" + bytes);
          }

          @Override
          public void close() {
            shown.add("end");
          }
        };
      };

  @Test
  void what_an_engine_counts_bit_by_bit_is_one_step_up_to_the_expected_total() {
    try (CountedStep step = new CountedStep(progress, "load", 30)) {
      step.begin();
      step.done(5, 10);
      step.done(10, 10);
      step.done(14, 20);
      step.done(30, 30);
    }
    assertThat(shown)
        .containsExactly("load of -1", "end", "load of 30", "+5", "+5", "+4", "+16", "end");
  }

  @Test
  void an_engine_that_counts_nothing_is_shown_to_work() {
    try (CountedStep step = new CountedStep(progress, "load", 30)) {
      step.begin();
    }
    assertThat(shown).containsExactly("load of -1", "end");
  }

  @Test
  void what_is_never_counted_nor_waited_for_is_not_shown() {
    new CountedStep(progress, "context", 0).close();
    assertThat(shown).isEmpty();
  }
}
