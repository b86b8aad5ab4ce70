package dev.s3dock.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.s3dock.store.StoreException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Phaser;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ThrottleTest {
  private final Throttle throttle = new Throttle(8);

  private static StoreException slowDown() {
    return StoreException.throttled("slow down", new IOException());
  }

  private void tooFast() {
    assertThatExceptionOfType(StoreException.class)
        .isThrownBy(
            () ->
                throttle.run(
                    () -> {
                      throw slowDown();
                    }));
  }

  @Test
  void a_store_that_complains_halves_it_down_to_one() {
    List<Integer> limits = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      tooFast();
      limits.add(throttle.limit());
    }
    assertThat(limits).containsExactly(4, 2, 1, 1, 1);
  }

  @Test
  void every_round_that_succeeds_allows_one_more_up_to_the_most() throws IOException {
    for (int i = 0; i < 4; i++) {
      tooFast();
    }
    List<Integer> after = new ArrayList<>();
    for (int round = 1; round <= 9; round++) {
      for (int i = 0; i < round; i++) {
        throttle.run(() -> {});
      }
      after.add(throttle.limit());
    }
    assertThat(after).isSorted().startsWith(2).endsWith(8).allMatch(limit -> limit <= 8);
  }

  @Test
  void other_failures_do_not_slow_down() {
    assertThatExceptionOfType(StoreException.class)
        .isThrownBy(
            () ->
                throttle.run(
                    () -> {
                      throw new StoreException(StoreException.Kind.UNAVAILABLE, "ill");
                    }));
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(
            () ->
                throttle.run(
                    () -> {
                      throw new IOException("reset");
                    }));
    assertThat(throttle.limit()).isEqualTo(8);
  }

  /** Eight at once are told to slow down: that is one complaint, not eight. */
  @Test
  void complaints_of_one_moment_count_once() throws Exception {
    Phaser together = new Phaser(8);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> requests = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        requests.add(
            threads.submit(
                () -> {
                  throttle.run(
                      () -> {
                        together.arriveAndAwaitAdvance();
                        throw slowDown();
                      });
                  return null;
                }));
      }
      for (Future<?> request : requests) {
        assertThat(request).failsWithin(Duration.ofMinutes(1));
      }
    }
    assertThat(throttle.limit()).isEqualTo(4);
  }

  @Test
  void never_more_than_the_limit_are_under_way() throws Exception {
    tooFast();
    tooFast();
    AtomicInteger running = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> requests = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        requests.add(
            threads.submit(
                () -> {
                  throttle.run(
                      () -> {
                        int now = running.incrementAndGet();
                        most.accumulateAndGet(now - throttle.limit(), Math::max);
                        running.decrementAndGet();
                      });
                  return null;
                }));
      }
      for (Future<?> request : requests) {
        request.get();
      }
    }
    assertThat(most.get()).isLessThanOrEqualTo(0);
    assertThat(throttle.limit()).isEqualTo(8);
  }

  @Test
  void an_interrupt_ends_the_wait() throws Exception {
    Throttle single = new Throttle(1);
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<?> first =
          threads.submit(
              () -> {
                single.run(
                    () -> {
                      inside.countDown();
                      try {
                        release.await();
                      } catch (InterruptedException e) {
                        throw new InterruptedIOException();
                      }
                    });
                return null;
              });
      inside.await();
      Thread.currentThread().interrupt();
      assertThatExceptionOfType(InterruptedIOException.class)
          .isThrownBy(() -> single.run(() -> {}));
      assertThat(Thread.interrupted()).isTrue();
      release.countDown();
      first.get();
    }
  }
}
