package dev.s3dock.concurrent;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.Collection;
import java.util.Iterator;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;

/** Work on other threads: what it throws is thrown where its result is wanted. */
public final class Tasks {
  private Tasks() {}

  /** A fixed number of threads for work that keeps a processor busy. They keep no process alive. */
  public static ExecutorService processorThreads(int threads, String name) {
    return Executors.newFixedThreadPool(
        threads, Thread.ofPlatform().daemon().name(name + "-", 1).factory());
  }

  /** Stops the threads without waiting for them; whoever awaits a task that has not run is told. */
  public static void stop(ExecutorService threads) {
    for (Runnable task : threads.shutdownNow()) {
      if (task instanceof Future<?> future) {
        future.cancel(true);
      }
    }
  }

  /**
   * The result of a task.
   *
   * @throws InterruptedIOException if this thread is interrupted; it stays so
   */
  public static <T> T await(Future<T> task) throws IOException {
    try {
      return task.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      InterruptedIOException interrupted = new InterruptedIOException("interrupted");
      interrupted.initCause(e);
      throw interrupted;
    } catch (CancellationException e) {
      throw new IOException("the stream was closed", e);
    } catch (ExecutionException e) {
      throw failure(e);
    }
  }

  /**
   * Takes out the tasks that are done. Each is looked at once: one that ends a moment later stays,
   * so that its failure is heard of, too.
   *
   * @throws IOException what the first of them that failed has thrown, as it has thrown it
   * @throws CancellationException if it was stopped
   */
  public static void takeDone(Collection<? extends Future<?>> tasks) throws IOException {
    Iterator<? extends Future<?>> each = tasks.iterator();
    while (each.hasNext()) {
      Future<?> task = each.next();
      if (!task.isDone()) {
        continue;
      }
      each.remove();
      switch (task.state()) {
        case FAILED -> throw failure(new ExecutionException(task.exceptionNow()));
        case CANCELLED -> throw new CancellationException("stopped");
        case SUCCESS, RUNNING -> {} // done, so the latter cannot be
      }
    }
  }

  /** What may fail with input or output. */
  @FunctionalInterface
  public interface Work {
    void run() throws IOException;
  }

  /**
   * Does work on a virtual thread, and waits for it. There an interrupt ends also a read from a
   * connection on which nothing comes, which it does not elsewhere: one of this thread is handed
   * on.
   */
  public static void interruptibly(Work work) throws IOException {
    FutureTask<Boolean> task =
        new FutureTask<>(
            () -> {
              work.run();
              return true;
            });
    Thread thread = Thread.ofVirtual().name("s3dock-work").start(task);
    boolean interrupted = false;
    try {
      for (boolean done = false; !done; ) {
        try {
          done = task.get();
        } catch (InterruptedException e) {
          interrupted = true;
          thread.interrupt();
        } catch (ExecutionException e) {
          throw failure(e);
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /**
   * What a task has thrown: an {@link IOException} is returned, any other is thrown. For {@code
   * throw Tasks.failure(e)} where a task is awaited in another way than by {@link #await}.
   */
  public static IOException failure(ExecutionException task) {
    return switch (task.getCause()) {
      case IOException cause -> cause;
      case RuntimeException cause -> throw cause;
      case Error cause -> throw cause;
      case null, default -> throw new IllegalStateException(task);
    };
  }
}
