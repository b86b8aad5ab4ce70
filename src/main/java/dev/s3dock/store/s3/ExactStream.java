package dev.s3dock.store.s3;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.exception.SdkException;

/** The bytes of an answer, of which there must be neither fewer nor more than were asked for. */
final class ExactStream extends InputStream {
  private final ResponseInputStream<?> in;
  private final String name;
  private long left;

  ExactStream(ResponseInputStream<?> in, long length, String name) {
    this.in = in;
    this.left = length;
    this.name = name;
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
      if (readSome(new byte[1], 0, 1) >= 0) {
        throw new IOException("the store sent more of " + name + " than was asked for");
      }
      return -1;
    }
    int count = readSome(into, offset, (int) Math.min(length, left));
    if (count < 0) {
      throw new EOFException("the connection ended " + left + " bytes before the end of " + name);
    }
    left -= count;
    return count;
  }

  private int readSome(byte[] into, int offset, int length) throws IOException {
    try {
      return in.read(into, offset, length);
    } catch (IOException | SdkException e) {
      throw new IOException("the connection broke while reading " + name, e);
    }
  }

  /** Drops the connection if there is more to come, rather than reading it. */
  @Override
  public void close() throws IOException {
    if (left > 0) {
      in.abort();
    } else {
      in.close();
    }
  }
}
