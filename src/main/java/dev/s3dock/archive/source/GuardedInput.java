package dev.s3dock.archive.source;

import dev.s3dock.archive.CorruptArchiveException;
import dev.s3dock.image.FailureWords;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * Stands between a decoder (gunzip, zstd, tar) and the bytes it decodes, so that three things can
 * be told apart: a source that cannot be read, bytes that are no valid encoding, and an encoding
 * that makes the decoder swallow input without end. The decoder's own complaints become {@link
 * CorruptArchiveException}; what the source throws passes unchanged.
 */
final class GuardedInput extends FilterInputStream {
  /** Enough for any real header of tar or gzip, long names and extended attributes included. */
  static final long HEADER_BYTES = 2 << 20;

  private final String what;
  private final long stepBytes;
  private long budget;
  private @Nullable IOException fault;

  /**
   * Limits how many encoded bytes one step of a decoder takes, so that a forged header cannot fill
   * the memory.
   *
   * @param what messages call the encoded bytes
   * @param stepBytes most bytes that the decoder may take for one step
   */
  GuardedInput(InputStream encoded, String what, long stepBytes) {
    super(encoded);
    this.what = what;
    this.stepBytes = stepBytes;
    this.budget = stepBytes;
  }

  /** One step of a decoder. */
  @FunctionalInterface
  interface Step<T> {
    T run() throws IOException;
  }

  /** Runs a step of the decoder that reads from this stream. */
  <T> T decode(Step<T> step) throws IOException {
    budget = stepBytes;
    try {
      return step.run();
    } catch (IOException | RuntimeException e) {
      if (fault != null) {
        throw fault;
      }
      if (e instanceof CorruptArchiveException corrupt) {
        throw corrupt;
      }
      throw new CorruptArchiveException(
          what + " is damaged or truncated: " + FailureWords.of(e), e);
    }
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    if (budget <= 0) {
      throw fail(
          new CorruptArchiveException(what + " has headers of more than " + stepBytes + " bytes"));
    }
    try {
      int count = in.read(buffer, offset, length);
      budget -= Math.max(count, 0);
      return count;
    } catch (IOException e) {
      throw fail(e);
    }
  }

  /** A decoder must not skip without reading, or the budget would not see it. */
  @Override
  public long skip(long count) throws IOException {
    byte[] skipped = new byte[(int) Math.min(count, 8192)];
    return Math.max(read(skipped, 0, skipped.length), 0);
  }

  /** The source belongs to whoever opened it. */
  @Override
  public void close() {}

  @Override
  public boolean markSupported() {
    return false;
  }

  private IOException fail(IOException e) {
    fault = e;
    return e;
  }
}
