package dev.s3dock.archive.source;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import dev.s3dock.archive.BlockInputStream;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.HexFormat;
import java.util.regex.Pattern;
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

  /**
   * Makes sure that a stream is not compressed in a way that is known, and not read.
   *
   * @param what messages call the stream
   * @throws UnsuitableImageException with the program that decompresses it
   */
  static void requireRead(BufferedInputStream stream, String what) throws IOException {
    String start = HexFormat.of().formatHex(peek(stream, 10));
    for (Unread unread : Unread.values()) {
      if (unread.magic.matcher(start).lookingAt()) {
        throw new UnsuitableImageException(
            "%s is compressed with %s, which s3dock does not read: decompress it, such as with `%s -dc FILE | s3dock push REF --from -`"
                .formatted(what, unread.program, unread.program));
      }
    }
  }

  /** What other tools compress with, by the first bytes in hexadecimal. */
  private enum Unread {
    XZ("xz", "fd377a585a00"),
    BZIP2("bzip2", "425a683[1-9](314159265359|177245385090)"),
    LZ4("lz4", "(04|02)224d18|02214c18"),
    LZIP("lzip", "4c5a495001"),
    LZOP("lzop", "894c5a4f000d0a1a0a"),
    LZMA("lzma", "5d0000.{4}0*ffffffff|5d00008000"),
    COMPRESS("uncompress", "1f9d");

    private final String program;
    private final Pattern magic;

    Unread(String program, String magic) {
      this.program = program;
      this.magic = Pattern.compile(magic);
    }
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
