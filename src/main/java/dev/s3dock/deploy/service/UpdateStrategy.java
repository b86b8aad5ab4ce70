package dev.s3dock.deploy.service;

/** How several containers take the place of those before them. */
public enum UpdateStrategy {
  /** As many new ones start beside the old ones, and all traffic moves at once. */
  ALL_AT_ONCE,
  /** One after the other: never do more than one more run than there should be. */
  ROLLING
}
