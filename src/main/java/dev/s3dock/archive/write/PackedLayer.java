package dev.s3dock.archive.write;

import dev.s3dock.archive.Chunk;
import dev.s3dock.image.Digest;
import java.util.List;

/**
 * A layer in the spool.
 *
 * @param size bytes, uncompressed
 * @param chunks with offsets in the spool, contiguous
 */
record PackedLayer(Digest diffId, long size, List<Chunk> chunks) {
  PackedLayer {
    chunks = List.copyOf(chunks);
  }

  /** Place of its first byte in the spool. */
  long offset() {
    return chunks.getFirst().offset();
  }

  /** Compressed bytes. */
  long length() {
    return chunks.getLast().end() - offset();
  }
}
