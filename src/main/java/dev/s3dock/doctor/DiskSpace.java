package dev.s3dock.doctor;

import dev.s3dock.image.FailureWords;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** How much room a folder's file system has. */
final class DiskSpace {
  /** About the layers of one larger image. */
  private static final long SCARCE = 2L << 30;

  /** Not even those of a small one. */
  private static final long NONE = 128L << 20;

  private DiskSpace() {}

  /**
   * Judges the free bytes.
   *
   * @param needed true if the job cannot be done without
   */
  static CheckResult of(String check, Path folder, boolean needed) {
    long free;
    try {
      free = Files.getFileStore(folder).getUsableSpace();
    } catch (IOException e) {
      return CheckResult.warning(
          check, "cannot read the free space in %s (%s)".formatted(folder, FailureWords.of(e)));
    }
    return judge(check, folder, free, needed);
  }

  static CheckResult judge(String check, Path folder, long free, boolean needed) {
    String text = "%,d MiB free in %s".formatted(free >> 20, folder);
    if (free >= SCARCE) {
      return CheckResult.ok(check, text);
    }
    UnfitException little = new UnfitException(text + "; free some space, images need it");
    return CheckResult.problem(check, little, needed && free < NONE);
  }
}
