package dev.s3dock.archive.read;

import dev.s3dock.archive.BlockInputStream;
import java.io.IOException;

/** Some chunks as a stream, without the first bytes of the first one. */
final class ChunkInput extends BlockInputStream {
  private final ChunkStream stream;
  private int left;
  private byte[] chunk = {};
  private int at;
  private int skip;

  /**
   * Creates the stream.
   *
   * @param count of the chunks
   * @param skip bytes of the first of them
   */
  ChunkInput(int count, ChunkStream stream, int skip) {
    this.stream = stream;
    this.left = count;
    this.skip = skip;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    while (at == chunk.length) {
      if (left == 0) {
        return -1;
      }
      chunk = stream.next();
      left--;
      at = skip;
      skip = 0;
    }
    int count = Math.min(length, chunk.length - at);
    System.arraycopy(chunk, at, buffer, offset, count);
    at += count;
    return count;
  }
}
