package dev.s3dock.archive;

import dev.s3dock.image.Digest;

/**
 * One gzip member, or zstd frame, of a layer.
 *
 * @param offset of its first byte in the archive
 * @param length compressed bytes
 * @param rawLength bytes it decompresses to
 * @param digest of the decompressed bytes
 */
public record Chunk(long offset, int length, int rawLength, Digest digest) {
  /** Offset of the first byte after it, in the archive. */
  public long end() {
    return offset + length;
  }
}
