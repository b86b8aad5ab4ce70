package dev.s3dock.concurrent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class OrderedWindowTest {
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final CountDownLatch never = new CountDownLatch(1);

  @AfterEach
  void stop() {
    Tasks.stop(threads);
    threads.close();
  }

  @Test
  void results_come_in_the_order_of_submission() throws Exception {
    OrderedWindow<String> window = new OrderedWindow<>(threads, 10);
    CountDownLatch second = new CountDownLatch(1);
    window.submit(
        1,
        () -> {
          second.await();
          return "first";
        });
    window.submit(
        1,
        () -> {
          second.countDown();
          return "second";
        });
    assertThat(window.take()).isEqualTo("first");
    assertThat(window.take()).isEqualTo("second");
    assertThat(window.isEmpty()).isTrue();
  }

  @Test
  void a_task_weighs_until_its_result_is_taken() throws Exception {
    OrderedWindow<String> window = new OrderedWindow<>(threads, 10);
    window.submit(6, () -> "six");
    assertThat(window.hasRoom(4)).isTrue();
    assertThat(window.hasRoom(5)).isFalse();
    window.submit(5, () -> "beyond the capacity");
    assertThat(window.hasRoom(0)).isFalse();
    window.take();
    assertThat(window.hasRoom(5)).isTrue();
    assertThat(window.size()).isEqualTo(1);
  }

  @Test
  void what_is_too_heavy_fits_into_an_empty_window() {
    OrderedWindow<String> window = new OrderedWindow<>(threads, 10);
    assertThat(window.hasRoom(11)).isTrue();
    window.submit(1, () -> "");
    assertThat(window.hasRoom(11)).isFalse();
  }

  @Test
  void failures_are_thrown_as_the_task_has_thrown_them() {
    IOException io = new IOException();
    RuntimeException runtime = new IllegalArgumentException();
    Error error = new AssertionError();
    OrderedWindow<String> window = new OrderedWindow<>(threads, 10);
    for (Throwable failure : new Throwable[] {io, runtime, error}) {
      window.submit(1, () -> fail(failure));
      assertThatThrownBy(window::take).isSameAs(failure);
      assertThat(window.isEmpty()).isTrue();
    }
  }

  private static String fail(Throwable failure) throws Exception {
    switch (failure) {
      case Exception e -> throw e;
      case Error e -> throw e;
      default -> throw new IllegalArgumentException(failure);
    }
  }

  @Test
  void an_interrupt_ends_the_wait_and_stays() {
    OrderedWindow<String> window = new OrderedWindow<>(threads, 10);
    window.submit(1, this::forever);
    Thread.currentThread().interrupt();
    assertThatThrownBy(window::take).isInstanceOf(InterruptedIOException.class);
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void a_task_that_was_stopped_before_it_ran_is_an_io_failure() {
    try (ExecutorService one = Tasks.processorThreads(1, "test")) {
      OrderedWindow<String> window = new OrderedWindow<>(one, 10);
      window.submit(1, this::forever);
      window.submit(1, () -> "never");
      Tasks.stop(one);
      assertThatThrownBy(window::take).isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(window::take)
          .isInstanceOf(IOException.class)
          .hasCauseInstanceOf(CancellationException.class);
    }
  }

  private String forever() throws InterruptedException {
    never.await();
    return "";
  }
}
