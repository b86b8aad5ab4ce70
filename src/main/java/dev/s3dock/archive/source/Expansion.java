package dev.s3dock.archive.source;

import dev.s3dock.archive.CorruptArchiveException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * How much a source may grow when it is decoded: to {@value #MAX_RATIO} times its bytes and {@value
 * #FREE_BYTES} more, at each of its levels (the archive, the layers in it). Deflate cannot do more
 * than 1032 times, so what an honest tool has compressed once always passes, while a bomb in a
 * bomb, or one of zstd, ends early.
 */
final class Expansion {
  static final int MAX_RATIO = 1100;
  static final long FREE_BYTES = 1L << 30;

  private long encoded;

  /** Counts the bytes of the source as it is stored. */
  InputStream source(InputStream in) {
    return new FilterInputStream(in) {
      @Override
      public int read() throws IOException {
        int next = in.read();
        encoded += next < 0 ? 0 : 1;
        return next;
      }

      @Override
      public int read(byte[] buffer, int offset, int length) throws IOException {
        int count = in.read(buffer, offset, length);
        encoded += Math.max(count, 0);
        return count;
      }
    };
  }

  /** Counts what is decoded at one level. */
  Level level() {
    return new Level();
  }

  /** What has been decoded at one level of the source. */
  final class Level {
    private long decoded;

    private Level() {}

    /**
     * Counts decoded bytes.
     *
     * @throws CorruptArchiveException if these are too many for what has been read of the source
     */
    void add(int count, String what) throws CorruptArchiveException {
      decoded += Math.max(count, 0);
      if (decoded - FREE_BYTES > encoded * MAX_RATIO) {
        throw new CorruptArchiveException(
            "%s decompresses to more than %d bytes from only %d, so it is not an image"
                .formatted(what, decoded, encoded));
      }
    }
  }
}
