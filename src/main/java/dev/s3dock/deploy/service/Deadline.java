package dev.s3dock.deploy.service;

import java.time.Duration;

/** A moment until which something is waited for. Changes of the machine's clock do not move it. */
public final class Deadline {
  private final long end;

  private Deadline(long end) {
    this.end = end;
  }

  public static Deadline in(Duration time) {
    return new Deadline(System.nanoTime() + time.toNanos());
  }

  /** The earlier of the two. */
  public Deadline orIn(Duration time) {
    Deadline other = in(time);
    return other.end - end < 0 ? other : this;
  }

  public boolean isOver() {
    return end - System.nanoTime() <= 0;
  }

  /** What is left, not below zero. */
  public Duration left() {
    return Duration.ofNanos(Math.max(0, end - System.nanoTime()));
  }

  /** Waits, at most until the deadline. */
  public void pause(Duration time) throws InterruptedException {
    Duration left = left();
    Thread.sleep(time.compareTo(left) < 0 ? time : left);
  }
}
