package dev.s3dock.deploy.service;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/** Runs the steps of one deployment, and remembers how long each took. For one thread. */
public final class Stopwatch {
  private final DeployProgress progress;
  private final Map<Step, Duration> took = new LinkedHashMap<>();

  /** What is done in a step. */
  public interface Work<T> {
    T run() throws InterruptedException;
  }

  /** The same, without a result. */
  public interface Action {
    void run() throws InterruptedException;
  }

  public Stopwatch(DeployProgress progress) {
    this.progress = progress;
  }

  public void run(Step step, Action action) throws InterruptedException {
    call(
        step,
        () -> {
          action.run();
          return step;
        });
  }

  /** The time of a step that fails counts, too. */
  public <T> T call(Step step, Work<T> work) throws InterruptedException {
    progress.begins(step);
    long start = System.nanoTime();
    try {
      T result = work.run();
      progress.ended(step, since(start));
      return result;
    } finally {
      took.merge(step, since(start), Duration::plus);
    }
  }

  private static Duration since(long start) {
    return Duration.ofNanos(System.nanoTime() - start);
  }

  /** Milliseconds by the step's name, in the order they ran. */
  public Map<String, Long> milliseconds() {
    Map<String, Long> all = new LinkedHashMap<>();
    took.forEach((step, time) -> all.put(step.toString(), time.toMillis()));
    return all;
  }
}
