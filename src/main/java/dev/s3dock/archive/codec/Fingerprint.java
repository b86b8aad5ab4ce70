package dev.s3dock.archive.codec;

import dev.s3dock.archive.Compression;
import dev.s3dock.image.Digest;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * What a compressor really does, in a few characters: the first 8 hex digits of the SHA-256 of what
 * it makes of a fixed sample. Version numbers would not tell: the JDK's zlib is whatever its
 * packager links to it.
 */
final class Fingerprint {
  private static final int SAMPLE_BYTES = 64 << 10;
  private static final int HEX_DIGITS = 8;
  private static final ConcurrentMap<Compression, String> KNOWN = new ConcurrentHashMap<>();

  private Fingerprint() {}

  /** Of the compressor in use; worked out once. */
  static String of(Compression compression) {
    return KNOWN.computeIfAbsent(compression, c -> work(c));
  }

  private static String work(Compression compression) {
    return switch (compression.algorithm()) {
      case GZIP -> of(Deflate.best(), compression.level());
      case ZSTD -> named("zstd", ZstdFrame.compress(sample(), compression.level()));
    };
  }

  static String of(Deflate library, int level) {
    return named(library.name(), library.compress(sample(), level, 0, 0));
  }

  private static String named(String library, byte[] made) {
    return library + ":" + Digest.of(made).hex().substring(0, HEX_DIGITS);
  }

  /**
   * Bytes between text and noise, so that much depends on how hard matches are looked for: words of
   * 2 to 9 letters, of which early ones come often, and a number now and then.
   */
  static byte[] sample() {
    byte[] bytes = new byte[SAMPLE_BYTES];
    long state = 1;
    for (int i = 0; i < bytes.length; ) {
      state = state * 6364136223846793005L + 1442695040888963407L;
      int random = (int) (state >>> 40);
      int word = (random & 0x3f) * (random >> 6 & 0x3f) * (random >> 12 & 0xf);
      boolean number = random >> 16 < 24;
      for (int rest = 0; rest < 2 + word % 8 && i < bytes.length; rest++) {
        bytes[i++] = (byte) (number ? state >>> (8 * rest) : 'a' + (word >> rest) % 26);
      }
      if (i < bytes.length) {
        bytes[i++] = ' ';
      }
    }
    return bytes;
  }
}
