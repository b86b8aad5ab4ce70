package dev.s3dock.archive;

import dev.s3dock.image.InvalidNameException;
import dev.s3dock.image.Printable;

/**
 * How an archive's members are compressed: gzip (RFC 1952) at one of zlib's levels.
 *
 * @param level 1 (fastest) to 9 (smallest)
 * @throws InvalidNameException if there is no such level
 */
public record Compression(int level) {
  private static final String GZIP = "gzip";

  public Compression {
    if (level < 1 || level > 9) {
      throw unknown(GZIP + ":" + level);
    }
  }

  /**
   * What is used when nothing is configured: gzip at the level that suits this machine's library.
   */
  public static Compression standard() {
    return gzip(Deflate.best().defaultLevel());
  }

  /** Gzip at a level from 1 to 9. */
  public static Compression gzip(int level) {
    return new Compression(level);
  }

  /**
   * Reads {@code gzip}, which is {@link #standard()}, or {@code gzip:1} to {@code gzip:9}.
   *
   * @throws InvalidNameException for anything else, {@code zstd} included: format 1 has gzip alone
   */
  public static Compression parse(String text) {
    if (text.equals(GZIP)) {
      return standard();
    }
    if (text.length() == GZIP.length() + 2 && text.startsWith(GZIP + ":")) {
      char level = text.charAt(text.length() - 1);
      if (level >= '1' && level <= '9') {
        return new Compression(level - '0');
      }
    }
    throw unknown(text);
  }

  private static InvalidNameException unknown(String text) {
    return new InvalidNameException(
        "unknown compression '%s': use gzip, or gzip:1 (fastest) to gzip:9 (smallest)"
            .formatted(Printable.of(text)));
  }

  /**
   * Which compressor runs here, and what it makes of bytes: where two fingerprints are equal, so
   * are the members. A few milliseconds at the first call.
   *
   * @return such as {@code libdeflate:1a2b3c4d}
   */
  public String fingerprint() {
    return Fingerprint.of(this);
  }

  @Override
  public String toString() {
    return GZIP + ":" + level;
  }
}
