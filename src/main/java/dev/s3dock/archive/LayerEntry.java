package dev.s3dock.archive;

import dev.s3dock.image.Digest;
import java.util.List;

/**
 * One layer blob of an archive.
 *
 * @param diffId of the uncompressed layer tar
 * @param size bytes of the uncompressed layer tar
 * @param chunks that hold it, contiguous, in order, at least one
 * @param md5AtEnd the archive's running MD5 after the last of them
 */
public record LayerEntry(Digest diffId, long size, List<Chunk> chunks, Md5State md5AtEnd) {
  public LayerEntry {
    chunks = List.copyOf(chunks);
  }

  /** Offset of its first byte in the archive. */
  public long offset() {
    return chunks.getFirst().offset();
  }

  /** Offset of the first byte after it: the bytes from {@link #offset} on are one gzip file. */
  public long end() {
    return chunks.getLast().end();
  }
}
