package dev.s3dock.archive;

import dev.s3dock.image.Digest;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.MessageDigest;

/** Counts and hashes the bytes that are read through it. */
public final class HashingInputStream extends FilterInputStream {
  public static final long UNKNOWN = -1;

  private final MessageDigest sha256 = Digest.start();
  private final long expected;
  private long count;

  /** Hashes a stream whose length is not known in advance. */
  public HashingInputStream(InputStream in) {
    this(in, UNKNOWN);
  }

  /**
   * Hashes what is read from a stream.
   *
   * @param expected how many bytes there should be, or {@link #UNKNOWN}
   */
  public HashingInputStream(InputStream in, long expected) {
    super(in);
    this.expected = expected;
  }

  /** How many bytes there should be, or {@link #UNKNOWN}. */
  public long expected() {
    return expected;
  }

  /** Bytes read so far. */
  public long count() {
    return count;
  }

  /** Reads what is left, then tells the digest of everything. To be called once. */
  public Digest finish() throws IOException {
    transferTo(OutputStream.nullOutputStream());
    return Digest.of(sha256);
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    int read = in.read(buffer, offset, length);
    if (read > 0) {
      sha256.update(buffer, offset, read);
      count += read;
    }
    return read;
  }

  /** Skipping would not hash. */
  @Override
  public long skip(long wanted) throws IOException {
    byte[] skipped = new byte[(int) Math.min(wanted, 8192)];
    return Math.max(read(skipped, 0, skipped.length), 0);
  }

  @Override
  public boolean markSupported() {
    return false;
  }
}
