package dev.s3dock.archive.read;

import dev.s3dock.archive.Chunk;
import dev.s3dock.archive.CorruptArchiveException;
import dev.s3dock.archive.codec.ChunkCodec;
import dev.s3dock.image.Digest;
import dev.s3dock.image.FailureWords;
import java.util.Arrays;

/**
 * A chunk as it is stored, and where its bytes are in memory.
 *
 * @param source holds {@code chunk.length()} bytes of it
 * @param start of the first of them
 * @param cached false if it has just come from the archive
 */
@SuppressWarnings("ArrayRecordComponent") // handed on, never compared
public record StoredChunk(Chunk chunk, byte[] source, int start, boolean cached) {
  /** As it is stored, not verified: for whoever verifies the blob of the layer. */
  byte[] bytes() {
    return Arrays.copyOfRange(source, start, start + chunk.length());
  }

  /**
   * The raw bytes, verified.
   *
   * @throws CorruptArchiveException if it is not the chunk that the index describes
   */
  public byte[] decompress() throws CorruptArchiveException {
    byte[] raw = unverified();
    Digest digest = Digest.of(raw);
    if (!digest.equals(chunk.digest())) {
      throw new CorruptArchiveException(
          "the archive at byte %d: content has the digest %s, the index says %s"
              .formatted(chunk.offset(), digest, chunk.digest()));
    }
    return raw;
  }

  /**
   * The raw bytes, for whoever verifies the whole layer: of a chunk alone, only its form and its
   * length are certain.
   *
   * @throws CorruptArchiveException if it cannot be decompressed to its length
   */
  byte[] unverified() throws CorruptArchiveException {
    try {
      return ChunkCodec.decompress(source, start, chunk.length(), chunk.rawLength());
    } catch (CorruptArchiveException e) {
      throw new CorruptArchiveException(
          "the archive at byte " + chunk.offset() + ": " + FailureWords.of(e), e);
    }
  }
}
