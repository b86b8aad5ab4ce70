package dev.s3dock.archive.source;

import dev.s3dock.archive.HashingInputStream;
import dev.s3dock.image.Digest;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * A layer as a source holds it, perhaps compressed.
 *
 * @param stored digest of the bytes in the source
 * @param storedSize how many these are
 * @param diffId digest of the uncompressed tar
 * @param size how many bytes that has
 */
record Blob(Digest stored, long storedSize, Digest diffId, long size) {
  /**
   * Reads a layer to its end, once, and gives the uncompressed bytes to the sink.
   *
   * @param size bytes of it in the source
   * @param name what messages call it
   * @param level counts what a compressed one decodes to
   */
  static Blob read(
      BufferedInputStream content, long size, String name, LayerSink sink, Expansion.Level level)
      throws IOException {
    Encoding encoding = Encoding.detect(content);
    HashingInputStream stored = new HashingInputStream(content, size);
    if (encoding == Encoding.NONE) {
      Encoding.requireRead(content, name);
      Digest diffId = sink.take(stored);
      return new Blob(diffId, stored.count(), diffId, stored.count());
    }
    try (InputStream decoded = encoding.decode(stored, name, level)) {
      HashingInputStream tar = new HashingInputStream(decoded);
      Digest diffId = sink.take(tar);
      return new Blob(stored.finish(), stored.count(), diffId, tar.count());
    }
  }
}
