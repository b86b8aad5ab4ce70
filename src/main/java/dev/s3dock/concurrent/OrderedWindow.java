package dev.s3dock.concurrent;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.NoSuchElementException;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;

/**
 * Tasks under way on other threads, whose results are taken in the order in which they were
 * submitted. It has room for a certain weight, such as bytes or a count, that its user keeps to:
 * who has to wait for room takes results until there is some.
 *
 * <p>A task weighs until its result is taken. For one thread. Stopping the threads is up to whoever
 * has made them: see {@link Tasks#stop}.
 *
 * @param <T> result of a task
 */
public final class OrderedWindow<T> {
  private final ExecutorService threads;
  private final long capacity;
  private final Deque<Weighed<T>> tasks = new ArrayDeque<>();
  private long weight;

  /**
   * Creates an empty one.
   *
   * @param capacity sum of the weights
   */
  public OrderedWindow(ExecutorService threads, long capacity) {
    this.threads = threads;
    this.capacity = capacity;
  }

  private record Weighed<T>(Future<T> task, long weight) {}

  /** Starts a task, whether there is room for it or not. */
  public void submit(long taskWeight, Callable<T> task) {
    tasks.addLast(new Weighed<>(threads.submit(task), taskWeight));
    weight += taskWeight;
  }

  /** True if a task of this weight fits in. One that is too heavy fits where no other is. */
  public boolean hasRoom(long taskWeight) {
    return hasRoom(taskWeight, capacity);
  }

  /** The same where there is less room for the moment. */
  public boolean hasRoom(long taskWeight, long capacityNow) {
    return tasks.isEmpty() || weight + taskWeight <= capacityNow;
  }

  /** True if there is a result, and taking it takes no time. */
  public boolean isNextDone() {
    return !tasks.isEmpty() && tasks.getFirst().task().isDone();
  }

  /** How many results can be taken. */
  public int size() {
    return tasks.size();
  }

  public boolean isEmpty() {
    return tasks.isEmpty();
  }

  /**
   * Waits for the result that is next.
   *
   * @throws java.io.InterruptedIOException if this thread is interrupted; it stays so
   * @throws IOException what the task has thrown, as it has thrown it; or that it was stopped
   * @throws NoSuchElementException if there is none
   */
  public T take() throws IOException {
    Weighed<T> next = tasks.removeFirst();
    weight -= next.weight();
    return Tasks.await(next.task());
  }
}
