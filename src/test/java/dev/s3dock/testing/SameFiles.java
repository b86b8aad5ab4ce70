package dev.s3dock.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Compares files of many megabytes. AssertJ's own assertion reads byte by byte, which took an
 * eighth of the suite's time.
 */
public final class SameFiles {
  private static final long SAME = -1;

  private SameFiles() {}

  /**
   * Requires that both hold the same bytes.
   *
   * @throws AssertionError if not; it names the first position that differs
   */
  public static void require(Path actual, Path expected) {
    try {
      assertThat(Files.mismatch(actual, expected))
          .as("first byte of %s that differs from %s; -1 is none", actual, expected)
          .isEqualTo(SAME);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
