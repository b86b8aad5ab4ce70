package dev.s3dock.engine.docker;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/**
 * Takes apart what a container has written: frames of a byte that names the stream, three of zero,
 * four of the length (moby, pkg/stdcopy); or, of a container with a terminal, the bytes as they
 * are.
 */
final class OutputFrames {
  private static final int BUFFER = 16 * 1024;

  /** Gets what there is of one stream, in the order it came. */
  interface Sink {
    /**
     * @param stream 1 for standard output, 2 for standard error
     */
    void take(int stream, byte[] bytes, int count);
  }

  private OutputFrames() {}

  /**
   * Reads to the end.
   *
   * @param terminal true if the container has one
   */
  static void read(InputStream in, boolean terminal, Sink sink) throws IOException {
    if (terminal) {
      copy(in, Long.MAX_VALUE, 1, sink);
      return;
    }
    byte[] head = new byte[8];
    while (in.readNBytes(head, 0, head.length) == head.length) {
      long length = Integer.toUnsignedLong(ByteBuffer.wrap(head).getInt(4));
      copy(in, length, head[0], sink);
    }
  }

  private static void copy(InputStream in, long length, int stream, Sink sink) throws IOException {
    byte[] buffer = new byte[BUFFER];
    long left = length;
    while (left > 0) {
      int count = in.read(buffer, 0, (int) Math.min(left, buffer.length));
      if (count < 0) {
        return;
      }
      sink.take(stream, buffer, count);
      left -= count;
    }
  }
}
