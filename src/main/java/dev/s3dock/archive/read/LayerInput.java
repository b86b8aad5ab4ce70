package dev.s3dock.archive.read;

import dev.s3dock.archive.BlockInputStream;
import dev.s3dock.archive.CorruptArchiveException;
import dev.s3dock.archive.LayerEntry;
import dev.s3dock.image.Digest;
import java.io.IOException;
import java.security.MessageDigest;

/**
 * The bytes of one layer, uncompressed or as they are stored; the last chunk is handed out once the
 * digest of all is verified.
 */
final class LayerInput extends BlockInputStream {
  private final LayerEntry layer;
  private final Digest expected;
  private final ChunkStream stream;
  private final MessageDigest sha256 = Digest.start();
  private byte[] chunk = {};
  private int at;
  private int chunks;
  private boolean verified;

  /**
   * The uncompressed tar.
   *
   * @param stream that stands before the first chunk of this layer; not closed
   */
  LayerInput(LayerEntry layer, ChunkStream stream) {
    this(layer, layer.diffId(), stream);
  }

  /**
   * Creates the stream.
   *
   * @param expected digest of what the stream makes of the chunks
   * @param stream that stands before the first chunk of this layer; not closed
   */
  LayerInput(LayerEntry layer, Digest expected, ChunkStream stream) {
    this.layer = layer;
    this.expected = expected;
    this.stream = stream;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    while (at == chunk.length) {
      if (chunks == layer.chunks().size()) {
        verify();
        return -1;
      }
      byte[] next = stream.next();
      chunks++;
      sha256.update(next);
      if (chunks == layer.chunks().size()) {
        verify();
      }
      chunk = next;
      at = 0;
    }
    int count = Math.min(length, chunk.length - at);
    System.arraycopy(chunk, at, buffer, offset, count);
    at += count;
    return count;
  }

  private void verify() throws CorruptArchiveException {
    if (verified) {
      return;
    }
    Digest digest = Digest.of(sha256);
    if (!digest.equals(expected)) {
      throw new CorruptArchiveException(
          "the layer %s of the archive has the digest %s, not %s"
              .formatted(layer.diffId(), digest, expected));
    }
    verified = true;
  }
}
