package dev.s3dock.rollout;

import java.util.Locale;

/** How a rollout stands. */
public enum RolloutPhase {
  /** Canaries are under way; all others wait. */
  CANARIES,
  /** The canaries are healthy, and somebody has to approve them. */
  APPROVAL,
  /** Batch by batch. */
  BATCHES,
  /** All hosts that are not silent are healthy, or have failed. */
  DONE,
  /** Too many hosts have failed, or a canary has. */
  FAILED,
  /** There was no progress for too long. */
  STALLED,
  /** Somebody has stopped it. */
  PAUSED,
  /** Somebody has ended it. */
  ABORTED;

  /** True if no host begins. */
  boolean isStopped() {
    return this == FAILED || this == STALLED || this == PAUSED || this == ABORTED;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
