package dev.s3dock.agent;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/**
 * Looks on while a deployment runs, and interrupts it once its target is wanted no more; then it
 * goes back, as at the end of the agent.
 */
final class Recall implements AutoCloseable {
  private final Thread deploying = Thread.currentThread();
  private final Thread watching;
  private volatile boolean called;

  /**
   * Begins to look.
   *
   * @param wanted asked every {@code interval}; false interrupts the thread that has made this
   */
  Recall(BooleanSupplier wanted, Duration interval) {
    watching = Thread.ofVirtual().name("recall").start(() -> watch(wanted, interval));
  }

  private void watch(BooleanSupplier wanted, Duration interval) {
    try {
      do {
        Thread.sleep(interval);
      } while (wanted.getAsBoolean());
      if (!Thread.currentThread().isInterrupted()) {
        called = true;
        deploying.interrupt();
      }
    } catch (InterruptedException e) {
      // the deployment has ended
    }
  }

  /** True if it has interrupted the deployment. */
  boolean isCalled() {
    return called;
  }

  /** Looks no more; an interrupt of its own is taken back. */
  @Override
  public void close() {
    boolean interrupted = Thread.interrupted();
    watching.interrupt();
    while (true) {
      try {
        watching.join();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (called) {
      Thread.interrupted();
    } else if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
