package dev.s3dock.doctor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.s3dock.doctor.CheckRunner.Running;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
class CheckRunnerTest {
  private static final Duration LONG = Duration.ofMinutes(1);
  private static final Duration SHORT = Duration.ofSeconds(3);

  private static Check check(String name, Check.Work work) {
    return Check.local(name, work);
  }

  @Test
  void checks_run_side_by_side() {
    CyclicBarrier together = new CyclicBarrier(2);
    Check.Work work =
        report -> {
          together.await(1, TimeUnit.MINUTES);
          report.accept(CheckResult.ok("met", ""));
        };
    try (CheckRunner runner = new CheckRunner(LONG)) {
      Running one = runner.start(check("one", work));
      Running other = runner.start(check("other", work));
      assertThat(runner.await(one)).hasSize(1);
      assertThat(runner.await(other)).hasSize(1);
    }
  }

  @Test
  void one_that_takes_too_long_is_a_failure_beside_what_it_has_found_and_what_it_leaves() {
    try (CheckRunner runner = new CheckRunner(SHORT)) {
      Running slow =
          runner.start(
              check(
                  "slow",
                  report -> {
                    report.accept(CheckResult.ok("before", ""));
                    try {
                      new CountDownLatch(1).await();
                    } catch (InterruptedException e) {
                      report.accept(CheckResult.warning("interrupted", ""));
                      report.accept(CheckResult.warning(ScratchObjects.CHECK, "left behind"));
                    }
                  }));
      List<CheckResult> found = runner.await(slow);
      assertThat(found).extracting(CheckResult::check).containsExactly("before", "slow", "scratch");
      assertThat(found.get(1).text()).contains("--timeout");
      assertThat(found.get(1).reason()).containsInstanceOf(UnfitException.class);
    }
  }

  @Test
  void whatever_a_check_throws_is_a_failure() {
    List<Check> broken =
        List.of(
            check(
                "a",
                _ -> {
                  throw new IllegalStateException("no good");
                }),
            check(
                "b",
                _ -> {
                  throw new IOException("no disk");
                }),
            check(
                "c",
                _ -> {
                  throw new AssertionError("no sense");
                }));
    try (CheckRunner runner = new CheckRunner(LONG)) {
      for (Check check : broken) {
        assertThat(runner.await(runner.start(check)))
            .singleElement()
            .satisfies(it -> assertThat(it.verdict()).isEqualTo(Verdict.FAILURE));
      }
    }
  }

  @Test
  void an_interruption_ends_all_checks_before_it_is_passed_on() {
    CountDownLatch cleaned = new CountDownLatch(1);
    try (CheckRunner runner = new CheckRunner(LONG)) {
      Running waiting =
          runner.start(
              check(
                  "waiting",
                  _ -> {
                    try {
                      new CountDownLatch(1).await();
                    } finally {
                      cleaned.countDown();
                    }
                  }));
      Thread.currentThread().interrupt();
      assertThatThrownBy(() -> runner.await(waiting)).isInstanceOf(CancellationException.class);
    }
    assertThat(Thread.interrupted()).as("passed on").isTrue();
    assertThat(cleaned.getCount()).isZero();
  }
}
