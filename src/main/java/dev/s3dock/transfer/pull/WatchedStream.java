package dev.s3dock.transfer.pull;

import dev.s3dock.engine.Engine;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/** Remembers why a read failed, since an engine's client may only say that it did. */
final class WatchedStream extends FilterInputStream {
  private @Nullable Exception failure;

  WatchedStream(InputStream in) {
    super(in);
  }

  /** Loads what is read here; a failed read is reported as it was, not as the engine saw it. */
  void load(Engine engine) throws IOException {
    try {
      engine.load(this);
    } catch (RuntimeException e) {
      Exception first = failure;
      if (first instanceof IOException cause) {
        throw cause;
      }
      throw first instanceof RuntimeException cause ? cause : e;
    }
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    try {
      return in.read(buffer, offset, length);
    } catch (IOException | RuntimeException e) {
      failure = e;
      throw e;
    }
  }
}
