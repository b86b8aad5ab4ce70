package dev.s3dock.archive.read;

import dev.s3dock.archive.BlockInputStream;
import dev.s3dock.image.FailureWords;
import java.io.ByteArrayInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A tar put together from parts. A failure is final: it is thrown again by every later read. */
final class TarInput extends BlockInputStream {
  private final Iterator<InputStream> parts;
  private final Closeable source;
  private InputStream part = new ByteArrayInputStream(new byte[0]);
  private @Nullable IOException failure;

  /**
   * Creates the stream.
   *
   * @param source closed with it
   */
  TarInput(List<InputStream> parts, Closeable source) {
    this.parts = parts.iterator();
    this.source = source;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    if (failure != null) {
      throw failure;
    }
    if (length == 0) {
      return 0;
    }
    try {
      int count = part.read(buffer, offset, length);
      while (count < 0 && parts.hasNext()) {
        part = parts.next();
        count = part.read(buffer, offset, length);
      }
      return count;
    } catch (IOException e) {
      failure = e;
      throw e;
    } catch (RuntimeException e) {
      failure = new IOException("reading the archive failed: " + FailureWords.of(e), e);
      throw e;
    }
  }

  @Override
  public void close() throws IOException {
    if (failure == null) {
      failure = new IOException("closed");
    }
    source.close();
  }
}
