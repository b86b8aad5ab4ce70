package dev.s3dock.store;

/**
 * A run of bytes of an object.
 *
 * @param offset of the first byte, from 0
 * @param length in bytes, at least 1
 */
public record ByteRange(long offset, long length) {
  public ByteRange {
    if (offset < 0 || length < 1 || offset > Long.MAX_VALUE - length) {
      throw new IllegalArgumentException("not a range: " + offset + "+" + length);
    }
  }

  /** Offset just past the last byte. */
  public long end() {
    return offset + length;
  }
}
