package dev.s3dock.archive;

import dev.s3dock.image.Digest;
import java.util.List;

/**
 * A layer in the spool.
 *
 * @param size bytes, uncompressed
 * @param members with offsets in the spool, contiguous
 */
record PackedLayer(Digest diffId, long size, List<Member> members) {
  PackedLayer {
    members = List.copyOf(members);
  }

  /** Place of its first byte in the spool. */
  long offset() {
    return members.getFirst().offset();
  }

  /** Compressed bytes. */
  long length() {
    return members.getLast().end() - offset();
  }
}
