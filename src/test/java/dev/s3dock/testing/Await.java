package dev.s3dock.testing;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits for what another process does, and no longer than a test may take. */
public final class Await {
  private static final Duration MOST = Duration.ofSeconds(60);
  private static final Duration PAUSE = Duration.ofMillis(20);

  private Await() {}

  /**
   * Waits until it is so.
   *
   * @param what is waited for, for the message
   */
  public static void until(String what, BooleanSupplier isSo) {
    value(what, () -> isSo.getAsBoolean() ? Optional.of(true) : Optional.empty());
  }

  /** Waits until there is a value. */
  public static <T> T value(String what, Supplier<Optional<T>> source) {
    long deadline = System.nanoTime() + MOST.toNanos();
    while (true) {
      Optional<T> value = source.get();
      if (value.isPresent()) {
        return value.get();
      }
      if (System.nanoTime() > deadline) {
        throw new AssertionError("waited %d s in vain: %s".formatted(MOST.toSeconds(), what));
      }
      LockSupport.parkNanos(PAUSE.toNanos());
    }
  }
}
