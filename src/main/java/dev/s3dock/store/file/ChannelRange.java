package dev.s3dock.store.file;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** Bytes of an open file, which stays the same file whatever is renamed over it. */
final class ChannelRange extends InputStream {
  private final FileChannel channel;
  private long position;
  private long left;

  ChannelRange(FileChannel channel, long offset, long length) {
    this.channel = channel;
    this.position = offset;
    this.left = length;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    if (left == 0) {
      return -1;
    }
    ByteBuffer buffer = ByteBuffer.wrap(into, offset, (int) Math.min(length, left));
    int count = channel.read(buffer, position);
    if (count < 0) {
      throw new EOFException("the file ends " + left + " bytes early");
    }
    position += count;
    left -= count;
    return count;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
