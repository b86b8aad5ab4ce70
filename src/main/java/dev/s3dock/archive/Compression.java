package dev.s3dock.archive;

import dev.s3dock.image.InvalidNameException;
import dev.s3dock.image.Printable;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How an archive's chunks are compressed.
 *
 * @param level 1 (fastest) to 9 (smallest) of gzip, to 19 of zstd
 * @throws InvalidNameException if there is no such level
 */
public record Compression(Algorithm algorithm, int level) {
  private static final Pattern TEXT = Pattern.compile("(gzip|zstd)(?::([1-9]\\d?))?");

  /** The library's own default. */
  private static final int ZSTD_LEVEL = 3;

  /** What the chunks are. */
  public enum Algorithm {
    /** gzip members (RFC 1952): the archive is a {@code .tar.gz}. */
    GZIP(9),
    /** zstd frames (RFC 8878): the archive is a {@code .tar.zst}. */
    ZSTD(19);

    private final int highestLevel;

    Algorithm(int highestLevel) {
      this.highestLevel = highestLevel;
    }

    /** This algorithm at the level that is used when none is configured. */
    public Compression standard() {
      return switch (this) {
        case GZIP -> gzip(Deflate.best().defaultLevel());
        case ZSTD -> new Compression(ZSTD, ZSTD_LEVEL);
      };
    }

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public Compression {
    if (level < 1 || level > algorithm.highestLevel) {
      throw unknown(algorithm + ":" + level);
    }
  }

  /**
   * What is used when nothing is configured: gzip at the level that suits this machine's library.
   */
  public static Compression standard() {
    return Algorithm.GZIP.standard();
  }

  /** Gzip at a level from 1 to 9. */
  public static Compression gzip(int level) {
    return new Compression(Algorithm.GZIP, level);
  }

  /**
   * Reads what {@link Choice#parse} reads.
   *
   * @throws InvalidNameException for anything else
   */
  public static Compression parse(String text) {
    return Choice.parse(text).compression();
  }

  /**
   * A compression as it is configured. Which level is meant where none is said depends on the
   * library that this machine has, and looking for that takes time that not all pushes need.
   */
  public record Choice(Algorithm algorithm, OptionalInt level) {
    /**
     * Reads {@code gzip} or {@code zstd}, each with its {@link Algorithm#standard} level, or with a
     * level: {@code gzip:1} to {@code gzip:9}, {@code zstd:1} to {@code zstd:19}.
     *
     * @throws InvalidNameException for anything else
     */
    public static Choice parse(String text) {
      Matcher matcher = TEXT.matcher(text);
      if (!matcher.matches()) {
        throw unknown(text);
      }
      Algorithm algorithm = Algorithm.valueOf(matcher.group(1).toUpperCase(Locale.ROOT));
      return matcher.group(2) == null
          ? new Choice(algorithm, OptionalInt.empty())
          : of(new Compression(algorithm, Integer.parseInt(matcher.group(2))));
    }

    private static Choice of(Compression compression) {
      return new Choice(compression.algorithm(), OptionalInt.of(compression.level()));
    }

    /** What it means on this machine. */
    public Compression compression() {
      return level.isPresent()
          ? new Compression(algorithm, level.getAsInt())
          : algorithm.standard();
    }
  }

  private static InvalidNameException unknown(String text) {
    return new InvalidNameException(
        "unknown compression '%s': use gzip, or gzip:1 (fastest) to gzip:9 (smallest), or zstd, or zstd:1 to zstd:19"
            .formatted(Printable.of(text)));
  }

  /**
   * Which compressor runs here, and what it makes of bytes: where two fingerprints are equal, so
   * are the chunks. A few milliseconds at the first call.
   *
   * @return such as {@code libdeflate:1a2b3c4d}
   */
  public String fingerprint() {
    return Fingerprint.of(this);
  }

  @Override
  public String toString() {
    return algorithm + ":" + level;
  }
}
