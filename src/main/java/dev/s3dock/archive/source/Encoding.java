package dev.s3dock.archive.source;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import dev.s3dock.archive.BlockInputStream;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.HexFormat;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;

/** How foreign bytes are compressed, as their first bytes tell. */
enum Encoding {
  NONE(""),
  GZIP("1f8b"),
  ZSTD("28b52ffd");

  private final String magic;

  Encoding(String magic) {
    this.magic = magic;
  }

  /** Looks at the first bytes of a stream; they stay in it. */
  static Encoding detect(BufferedInputStream stream) throws IOException {
    String start = HexFormat.of().formatHex(peek(stream, 4));
    if (start.startsWith(ZSTD.magic)) {
      return ZSTD;
    }
    return start.startsWith(GZIP.magic) ? GZIP : NONE;
  }

  /** The first bytes of a stream, fewer if it is shorter; they stay in it. */
  static byte[] peek(BufferedInputStream stream, int count) throws IOException {
    stream.mark(count);
    byte[] start = stream.readNBytes(count);
    stream.reset();
    return start;
  }

  /**
   * The decoded bytes, of any number of gzip members or zstd frames. Closing them does not close
   * the stream.
   *
   * @param what messages call the stream
   * @param level counts what comes out
   */
  InputStream decode(InputStream stream, String what, Expansion.Level level) throws IOException {
    return switch (this) {
      case NONE -> stream;
      case GZIP -> {
        GuardedInput guard = new GuardedInput(stream, what, GuardedInput.HEADER_BYTES);
        yield new Decoded(guard, guard.decode(() -> gunzip(guard)), what, level);
      }
      case ZSTD -> {
        // a zstd decoder keeps no more than its window, whatever it skips
        GuardedInput guard = new GuardedInput(stream, what, Long.MAX_VALUE);
        yield new Decoded(
            guard, guard.decode(() -> new ZstdInputStreamNoFinalizer(guard)), what, level);
      }
    };
  }

  private static InputStream gunzip(InputStream stream) throws IOException {
    return GzipCompressorInputStream.builder()
        .setInputStream(stream)
        .setDecompressConcatenated(true)
        .get();
  }

  private static final class Decoded extends BlockInputStream {
    /** What one read may ask of a decoder, so that one step stays within its budget. */
    private static final int STEP_BYTES = 256 << 10;

    private final GuardedInput guard;
    private final InputStream decoder;
    private final String what;
    private final Expansion.Level level;

    Decoded(GuardedInput guard, InputStream decoder, String what, Expansion.Level level) {
      this.guard = guard;
      this.decoder = decoder;
      this.what = what;
      this.level = level;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      int count = guard.decode(() -> decoder.read(buffer, offset, Math.min(length, STEP_BYTES)));
      level.add(count, what);
      return count;
    }

    @Override
    public void close() throws IOException {
      decoder.close();
    }
  }
}
