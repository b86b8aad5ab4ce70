package dev.s3dock.deploy;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/** Runs the steps of one deployment, and remembers how long each took. For one thread. */
final class Stopwatch {
  private final DeployProgress progress;
  private final Map<Step, Duration> took = new LinkedHashMap<>();

  /** What is done in a step. */
  interface Work<T> {
    T run() throws InterruptedException;
  }

  /** The same, without a result. */
  interface Action {
    void run() throws InterruptedException;
  }

  Stopwatch(DeployProgress progress) {
    this.progress = progress;
  }

  void run(Step step, Action action) throws InterruptedException {
    call(
        step,
        () -> {
          action.run();
          return step;
        });
  }

  /** The time of a step that fails counts, too. */
  <T> T call(Step step, Work<T> work) throws InterruptedException {
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
  Map<String, Long> milliseconds() {
    Map<String, Long> all = new LinkedHashMap<>();
    took.forEach((step, time) -> all.put(step.toString(), time.toMillis()));
    return all;
  }
}
