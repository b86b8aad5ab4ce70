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

  private static final Duration AGAIN = Duration.ofMillis(10);

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
      while (!condition.call()) {
        if (System.nanoTime() > end) {
          throw new AssertionError(what + ": not within " + deadline);
        }
        LockSupport.parkNanos(AGAIN.toNanos());
      }
    } catch (Exception e) {
      throw new AssertionError(what + ": " + e, e);
    }
  }
}
