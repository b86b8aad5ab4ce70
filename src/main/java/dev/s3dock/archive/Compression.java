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

  /** Gzip at a level from 1 to 9. */
  public static Compression gzip(int level) {
    return new Compression(Algorithm.GZIP, level);
  }

  /**
   * A compression as an index states it. Where it states no level, that of most tools is meant.
   *
   * @throws InvalidNameException for anything that {@link Choice#parse} refuses
   */
  public static Compression parse(String text) {
    Choice choice = Choice.parse(text);
    return new Compression(
        choice.algorithm(),
        choice
            .level()
            .orElse(
                switch (choice.algorithm()) {
                  case GZIP -> 6;
                  case ZSTD -> 3;
                }));
  }

  /**
   * A compression as it is configured. Which level is meant where none is said depends on the
   * library that this machine has, and looking for that takes time that not all pushes need.
   */
  public record Choice(Algorithm algorithm, OptionalInt level) {
    /**
     * Reads {@code gzip} or {@code zstd}, each at the level that suits this machine, or with a
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
  }

  private static InvalidNameException unknown(String text) {
    return new InvalidNameException(
        "unknown compression '%s': use gzip, or gzip:1 (fastest) to gzip:9 (smallest), or zstd, or zstd:1 to zstd:19"
            .formatted(Printable.of(text)));
  }

  @Override
  public String toString() {
    return algorithm + ":" + level;
  }
}
