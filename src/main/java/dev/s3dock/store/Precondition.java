package dev.s3dock.store;

/** What must hold of an object for a write to take effect. */
public sealed interface Precondition {
  /** Writes whatever is there. */
  record None() implements Precondition {}

  /** Writes only where no object is ({@code If-None-Match: *}). */
  record IfAbsent() implements Precondition {}

  /** Writes only over the state with this token ({@code If-Match}). */
  record IfMatch(ETag etag) implements Precondition {}

  /** See {@link None}. */
  static Precondition none() {
    return new None();
  }

  /** See {@link IfAbsent}. */
  static Precondition ifAbsent() {
    return new IfAbsent();
  }

  /** See {@link IfMatch}. */
  static Precondition ifMatch(ETag etag) {
    return new IfMatch(etag);
  }
}
