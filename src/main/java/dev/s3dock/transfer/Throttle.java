package dev.s3dock.transfer;

import dev.s3dock.store.StoreException;
import java.io.IOException;
import java.io.InterruptedIOException;

/**
 * How many requests a transfer has under way at once. A store that asks to slow down halves it, and
 * every round of requests that succeed allows one more: additive increase, multiplicative decrease,
 * as TCP does it (RFC 5681, section 3.1). For several threads.
 */
final class Throttle {
  private final int most;
  private double limit;
  private int running;
  private long begun;
  private long begunAtCut;

  /**
   * Begins with as many requests at once as are allowed.
   *
   * @param most requests at once while the store does not complain, at least 1
   */
  Throttle(int most) {
    this.most = most;
    this.limit = most;
  }

  /** One request, with all that is read of its answer. */
  interface Request {
    void send() throws IOException;
  }

  /**
   * Sends the request when it is its turn. What it throws is thrown; one that {@linkplain
   * StoreException#throttled() says so} slows down those that come after it.
   *
   * @throws InterruptedIOException if this thread is interrupted while it waits; it stays so
   */
  void run(Request request) throws IOException {
    long number = enter();
    boolean done = false;
    boolean tooFast = false;
    try {
      request.send();
      done = true;
    } catch (StoreException e) {
      tooFast = e.throttled();
      throw e;
    } finally {
      leave(number, done, tooFast);
    }
  }

  /** How many may be under way now. */
  synchronized int limit() {
    return (int) limit;
  }

  private synchronized long enter() throws InterruptedIOException {
    try {
      while (running >= (int) limit) {
        wait();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    }
    running++;
    return ++begun;
  }

  private synchronized void leave(long number, boolean done, boolean tooFast) {
    running--;
    if (done) {
      limit = Math.min(most, limit + 1 / limit);
    } else if (tooFast && number > begunAtCut) { // the others of that moment say nothing new
      limit = Math.max(1, limit / 2);
      begunAtCut = begun;
    }
    notifyAll();
  }
}
