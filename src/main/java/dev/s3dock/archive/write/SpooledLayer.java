package dev.s3dock.archive.write;

import dev.s3dock.image.Digest;
import java.io.IOException;
import java.util.Optional;

/** A layer that is packed already, of an image that is not yet. */
public final class SpooledLayer {
  private final PackedLayer layer;
  private final Spool spool;

  SpooledLayer(PackedLayer layer, Spool spool) {
    this.layer = layer;
    this.spool = spool;
  }

  /** Digest of the uncompressed layer. */
  public Digest diffId() {
    return layer.diffId();
  }

  /** Compressed bytes. */
  public long length() {
    return layer.length();
  }

  /** True if none of its chunks is held. */
  public boolean isNew(ChunkIndex held) {
    return layer.chunks().stream()
        .allMatch(chunk -> held.find(chunk.digest(), chunk.length(), Optional.empty()).isEmpty());
  }

  /**
   * Some of its compressed bytes. A thread that is interrupted here closes the spool.
   *
   * @throws IOException if the spool cannot be read, or is closed
   */
  public byte[] read(long offset, int length) throws IOException {
    if (offset < 0 || length < 0 || offset > length() - length) {
      throw new IllegalArgumentException(offset + "+" + length + " of " + length() + " bytes");
    }
    return spool.read(layer.offset() + offset, length);
  }
}
