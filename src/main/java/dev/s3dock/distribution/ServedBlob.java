package dev.s3dock.distribution;

import dev.s3dock.image.Digest;
import dev.s3dock.registry.ImageKey;
import dev.s3dock.store.ObjectStat;

/** A config or a layer, and where its bytes are. */
public sealed interface ServedBlob {
  /** Of its bytes. */
  Digest digest();

  /** In bytes. */
  long size();

  /** An image config. */
  @SuppressWarnings("ArrayRecordComponent") // identified by its digest, never compared
  record Config(Digest digest, byte[] bytes) implements ServedBlob {
    @Override
    public long size() {
      return bytes.length;
    }
  }

  /**
   * A layer as it lies in the archive.
   *
   * @param offset of its first byte there
   */
  record Compressed(Digest digest, long size, ImageKey image, ObjectStat archive, long offset)
      implements ServedBlob {}

  /**
   * A layer that is decompressed as it is sent. Its chunks are in the image's metadata, which is
   * read again for that: the server remembers many images.
   */
  record Uncompressed(Digest digest, long size, ImageKey image, ObjectStat archive)
      implements ServedBlob {}
}
