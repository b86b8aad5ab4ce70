package dev.s3dock.doctor;

import java.util.Locale;

/** How a check went. */
public enum Verdict {
  /** As it should be. */
  OK,
  /** The job can be done, but not as well as it could be. */
  WARNING,
  /** The job cannot be done, or the bucket is not sound. */
  FAILURE;

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
