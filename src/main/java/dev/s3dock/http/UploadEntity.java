package dev.s3dock.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.apache.hc.core5.http.io.entity.AbstractHttpEntity;

/** A body that is sent as it comes. Tells its own failure from one of the connection. */
final class UploadEntity extends AbstractHttpEntity {
  static final int BLOCK = 256 * 1024;

  private final InputStream source;
  private final long length;

  /**
   * @param length bytes, and then it is sent as one; -1 if that is not known
   */
  UploadEntity(InputStream source, String contentType, long length) {
    super(contentType, null, length < 0);
    this.source = source;
    this.length = length;
  }

  /** The source could not be read. */
  static final class Unreadable extends IOException {
    private static final long serialVersionUID = 1L;

    private final IOException reason;

    Unreadable(IOException reason) {
      super(reason);
      this.reason = reason;
    }

    IOException reason() {
      return reason;
    }
  }

  @Override
  public void writeTo(OutputStream out) throws IOException {
    byte[] block = new byte[BLOCK];
    for (int count = next(block); count > 0; count = next(block)) {
      out.write(block, 0, count);
    }
  }

  private int next(byte[] block) throws IOException {
    try {
      return source.readNBytes(block, 0, block.length);
    } catch (IOException e) {
      throw new Unreadable(e);
    }
  }

  @Override
  public InputStream getContent() {
    return source;
  }

  @Override
  public boolean isStreaming() {
    return true;
  }

  @Override
  public long getContentLength() {
    return length;
  }

  /** The source belongs to the caller. */
  @Override
  public void close() {}
}
