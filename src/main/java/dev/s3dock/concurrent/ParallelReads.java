package dev.s3dock.concurrent;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.function.Function;

/** Reads what is small, a few at once. */
public final class ParallelReads {
  public static final int AT_ONCE = 16;

  private ParallelReads() {}

  /**
   * Reads in parallel, hands on in order. Memory holds what is read at once; names are taken only
   * when it is their turn, on the caller's thread.
   */
  public static <N, T> void inOrder(Iterator<N> names, Function<N, T> read, Consumer<T> consumer) {
    inOrder(AT_ONCE, names, read, consumer);
  }

  /**
   * As above.
   *
   * @param atOnce how many are read at the same time; with 1, on the caller's thread
   */
  public static <N, T> void inOrder(
      int atOnce, Iterator<N> names, Function<N, T> read, Consumer<T> consumer) {
    if (atOnce == 1) {
      names.forEachRemaining(name -> consumer.accept(read.apply(name)));
      return;
    }
    try (ExecutorService readers = Executors.newVirtualThreadPerTaskExecutor()) {
      OrderedWindow<T> window = new OrderedWindow<>(readers, atOnce);
      while (names.hasNext()) {
        N name = names.next();
        window.submit(1, () -> read.apply(name));
        if (!window.hasRoom(1)) {
          consumer.accept(next(window));
        }
      }
      while (!window.isEmpty()) {
        consumer.accept(next(window));
      }
    }
  }

  private static <T> T next(OrderedWindow<T> window) {
    try {
      return window.take();
    } catch (InterruptedIOException e) {
      throw new CancellationException("interrupted");
    } catch (IOException e) {
      throw new UncheckedIOException(e); // a function throws none
    }
  }
}
