package dev.s3dock.archive;

import dev.s3dock.image.Digest;
import java.util.List;
import java.util.Optional;

/**
 * One layer blob of an archive.
 *
 * @param diffId of the uncompressed layer tar
 * @param size bytes of the uncompressed layer tar
 * @param chunks that hold it, contiguous, in order, at least one
 * @param md5AtEnd the archive's running MD5 after the last of them
 * @param blob SHA-256 of the compressed bytes, which a registry calls the layer by; absent in
 *     indexes of before
 */
public record LayerEntry(
    Digest diffId, long size, List<Chunk> chunks, Md5State md5AtEnd, Optional<Digest> blob) {
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

  /** Compressed bytes. */
  public long length() {
    return end() - offset();
  }
}
