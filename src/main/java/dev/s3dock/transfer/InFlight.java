package dev.s3dock.transfer;

import dev.s3dock.concurrent.Tasks;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;

/**
 * Requests on their way, as many at once as their weights allow. For one thread that submits; the
 * first failure is thrown there, as it was thrown by the request.
 */
public final class InFlight implements AutoCloseable {
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final List<Future<?>> tasks = new ArrayList<>();
  private final Semaphore weights;
  private final int capacity;

  /**
   * Creates it.
   *
   * @param capacity sum of the weights at one time
   */
  public InFlight(int capacity) {
    this.capacity = capacity;
    this.weights = new Semaphore(capacity);
  }

  /**
   * Waits until there is room, prepares a request and sends it.
   *
   * @param weight of it; one heavier than the capacity has all of it to itself
   * @param prepare run on this thread
   */
  public void submit(long weight, Prepared<?> prepare) throws IOException {
    tasks.add(start(weight, prepare));
  }

  /** As {@link #submit}, for a request whose result is wanted. */
  public <T> Future<T> ask(long weight, Prepared<T> prepare) throws IOException {
    Future<T> task = start(weight, prepare);
    tasks.add(task);
    return task;
  }

  private <T> Future<T> start(long weight, Prepared<T> prepare) throws IOException {
    int permits = (int) Math.min(weight, capacity);
    acquire(permits);
    Tasks.takeDone(tasks);
    Callable<T> request = prepare.request();
    return threads.submit(
        () -> {
          try {
            return request.call();
          } finally {
            weights.release(permits);
          }
        });
  }

  /** What makes a request. */
  @FunctionalInterface
  public interface Prepared<T> {
    Callable<T> request() throws IOException;
  }

  private void acquire(int permits) {
    try {
      weights.acquire(permits);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancellationException("interrupted");
    }
  }

  /** Waits for everything. */
  public void await() throws IOException {
    for (Future<?> task : tasks) {
      await(task);
    }
    tasks.clear();
  }

  /** The result of a request. */
  public static <T> T await(Future<T> task) throws IOException {
    try {
      return task.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancellationException("interrupted");
    } catch (ExecutionException e) {
      throw Tasks.failure(e);
    }
  }

  /** Tells what is still on its way to stop. */
  public void stop() {
    threads.shutdownNow();
  }

  /** Stops what is still on its way, and waits until it has stopped. */
  @Override
  public void close() {
    if (tasks.stream().anyMatch(task -> !task.isDone())) {
      threads.shutdownNow();
    }
    threads.close();
  }
}
