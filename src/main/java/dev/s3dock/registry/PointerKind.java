package dev.s3dock.registry;

/** What a pointer belongs to. */
public enum PointerKind {
  /** A version, below {@code tags/}. */
  VERSION,
  /** An environment, below {@code pointers/}. */
  ENVIRONMENT
}
