package dev.s3dock.registry;

import dev.s3dock.store.ObjectKey;
import java.time.Instant;

/**
 * What the key of an audit event says.
 *
 * @param minute {@code YYYYMMDD-HHMM}: UTC, and in keys of the original the local time of its
 *     machine
 * @param event such as {@code promotion}
 * @param hash of the commit that it is about
 * @param ordinal counts events of one name, from 1
 */
public record EventKey(ObjectKey key, String minute, String event, String hash, int ordinal) {
  /** The minute as if it were UTC. */
  public Instant at() {
    return BucketLayout.MINUTE.parse(minute, Instant::from);
  }
}
