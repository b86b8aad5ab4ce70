package dev.s3dock.testing;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;

/** Waits for a condition, never for a time. */
public final class Eventually {
  private static final Duration AGAIN = Duration.ofMillis(10);

  private Eventually() {}

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
