package dev.s3dock.testing;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;

/** Waits for a condition, never for a time. */
public final class Eventually {
  /** No longer than any test may take. */
  private static final Duration MOST = Duration.ofMinutes(2);

  private static final long SHORTEST_PAUSE = Duration.ofMillis(10).toNanos();
  private static final long LONGEST_PAUSE = Duration.ofMillis(500).toNanos();

  /** A pause is so many times as long as the look before it, which so leaves room for others. */
  private static final int PAUSES_PER_LOOK = 6;

  private Eventually() {}

  /** Returns as soon as the condition holds; fails when that takes longer than any test may. */
  public static void holds(String what, Callable<Boolean> condition) {
    holds(MOST, what, condition);
  }

  /** Returns a value as soon as there is one. */
  public static <T> T value(String what, Callable<Optional<T>> source) {
    List<T> found = new ArrayList<>();
    holds(
        what,
        () -> {
          source.call().ifPresent(found::add);
          return !found.isEmpty();
        });
    return found.getFirst();
  }

  /** Returns as soon as the condition holds; fails when it does not within the deadline. */
  public static void holds(Duration deadline, String what, Callable<Boolean> condition) {
    long end = System.nanoTime() + deadline.toNanos();
    try {
      while (true) {
        long start = System.nanoTime();
        if (condition.call()) {
          return;
        }
        long now = System.nanoTime();
        if (now > end) {
          throw new AssertionError(what + ": not within " + deadline);
        }
        LockSupport.parkNanos(
            Math.clamp(PAUSES_PER_LOOK * (now - start), SHORTEST_PAUSE, LONGEST_PAUSE));
      }
    } catch (Exception e) {
      throw new AssertionError(what + ": " + e, e);
    }
  }
}
