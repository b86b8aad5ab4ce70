package dev.s3dock.store;

import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/**
 * What an examination asks of a store in the store's own terms, and {@link ObjectStore} hides: it
 * promises the same of all of them. Methods that fail throw {@link StoreException}.
 */
public interface StoreCapabilities {
  /** A condition of a request that a store may honour or pass over. */
  enum Condition {
    /** {@code If-None-Match: *} of a write. */
    WRITE_IF_ABSENT,
    /** {@code If-Match} of a write. */
    WRITE_IF_MATCH,
    /** {@code If-Match} of a read of a range. */
    READ_IF_MATCH,
    /** {@code If-Match} of a delete. */
    DELETE_IF_MATCH
  }

  /**
   * How the store answers to a request for the bucket itself.
   *
   * @param region where the bucket is; empty if the store does not tell
   * @param configured region that requests are sent to; empty where there are none
   * @param clock what time the store says it is; empty if it does not tell
   * @param problem why the bucket cannot be used; empty if it can
   */
  record Greeting(
      Optional<String> region,
      Optional<String> configured,
      Optional<Instant> clock,
      Optional<StoreException> problem) {}

  /** Asks for the bucket itself. Reports what goes wrong in its answer. */
  Greeting greet();

  /**
   * Which credentials are in force, without their secrets.
   *
   * @throws StoreException {@link StoreException.Kind#ACCESS_DENIED} if there are none
   */
  String credentials();

  /**
   * Sends a request whose condition does not hold. Where the store does not look at it, the object
   * is overwritten or removed.
   *
   * @param object of the examination's own
   * @return true if the store refuses the request for its condition
   */
  boolean honours(Condition condition, ObjectStat object);

  /**
   * Finds out whether a key may be written, and does not write it: the write has a condition that
   * does not hold. Only for a store that honours {@link Condition#WRITE_IF_MATCH}.
   *
   * @param absent a key under which nothing is
   * @return false if the store did not look at the condition where nothing is; then what was
   *     written has been removed
   * @throws StoreException {@link StoreException.Kind#ACCESS_DENIED} if it may not
   */
  boolean tryWriting(ObjectKey absent);

  /** Starts an upload and aborts it; unlike {@link MultipartUpload#close} it tells if it cannot. */
  void tryAborting(ObjectKey key);

  /** Where the store lies on this machine; empty if it does not. */
  Optional<Path> folder();
}
