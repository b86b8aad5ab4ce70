package dev.s3dock.archive.codec;

import dev.s3dock.archive.CorruptArchiveException;

/**
 * A library that writes and reads raw deflate streams (RFC 1951) in memory. Each may be used by any
 * number of threads at once.
 *
 * <p>Which bytes a stream has depends on the library; what it decompresses to does not.
 */
sealed interface Deflate permits JdkDeflate, LibDeflate {
  /** The fastest library there is on this machine, found at the first call. */
  static Deflate best() {
    return Best.LIBRARY;
  }

  /** Name for the fingerprint: letters. */
  String name();

  /**
   * The level that is used when none is configured: the fastest whose archives are at most 2 %
   * larger than those of {@code gzip -6}. {@code docs/compression.md} has the figures.
   */
  int defaultLevel();

  /**
   * Compresses all of these bytes to one stream.
   *
   * @param level 1 (fastest) to 9 (smallest)
   * @param before bytes left free in front of the stream, for a header
   * @param after bytes left free behind it
   * @return an array of the stream and the free bytes, which are zero; the stream is at most {@link
   *     GzipMember#maxStreamLength} long
   */
  byte[] compress(byte[] raw, int level, int before, int after);

  /**
   * Decompresses one stream that must end with the last of these bytes and fill {@code raw}.
   *
   * @throws CorruptArchiveException if it does not
   */
  void decompress(byte[] bytes, int offset, int length, byte[] raw) throws CorruptArchiveException;

  /** What {@link #decompress} throws of a stream that ends early. */
  static CorruptArchiveException tooShort() {
    return new CorruptArchiveException("a gzip member holds fewer bytes than it should");
  }

  /** What {@link #decompress} throws of a stream that goes on, or that ends before its bytes do. */
  static CorruptArchiveException tooLong() {
    return new CorruptArchiveException("a gzip member holds more bytes than it should");
  }

  /**
   * Holder of the one that was found: looking for a library takes time that not all commands have.
   */
  final class Best {
    private static final Deflate LIBRARY =
        LibDeflate.find(System.getProperty(LibDeflate.PROPERTY))
            .map(Deflate.class::cast)
            .orElseGet(JdkDeflate::new);

    private Best() {}
  }
}
