package dev.s3dock.distribution;

import java.io.InterruptedIOException;
import java.util.concurrent.Semaphore;

/** A limit on the memory that many tasks take together. For several threads, in turn. */
final class MemoryBudget {
  private static final int UNIT = 64 << 10;

  private final Semaphore free;
  private final int units;

  /**
   * All of it is free.
   *
   * @param bytes that may be taken at once
   */
  MemoryBudget(long bytes) {
    this.units = Math.clamp(bytes / UNIT, 1, Integer.MAX_VALUE);
    this.free = new Semaphore(units, true);
  }

  /** Memory that was taken. */
  interface Taken extends AutoCloseable {
    /** Gives it back. */
    @Override
    void close();
  }

  /**
   * Waits until there is so much.
   *
   * @param bytes more than there ever is means all
   */
  Taken take(long bytes) throws InterruptedIOException {
    int permits = (int) Math.min((bytes + UNIT - 1) / UNIT, units);
    try {
      free.acquire(permits);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    }
    return () -> free.release(permits);
  }
}
