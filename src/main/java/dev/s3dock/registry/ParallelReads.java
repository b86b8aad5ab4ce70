package dev.s3dock.registry;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.Function;

/** Reads small objects a few at once. */
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
      Deque<Future<T>> window = new ArrayDeque<>();
      while (names.hasNext()) {
        N name = names.next();
        window.add(readers.submit(() -> read.apply(name)));
        if (window.size() == atOnce) {
          consumer.accept(result(window.remove()));
        }
      }
      while (!window.isEmpty()) {
        consumer.accept(result(window.remove()));
      }
    }
  }

  private static <T> T result(Future<T> future) {
    try {
      return future.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancellationException("interrupted");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException(e.getCause());
    }
  }
}
