package dev.s3dock.store.s3;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;

/**
 * Remembers what {@link S3Compatibility} found out about stores, one finding a line. A store that
 * ignores preconditions is tried every time, so that nobody is stuck after it was mended. It is
 * only a cache: a damaged or unwritable file costs a probe and nothing else.
 */
record CompatibilityCache(Path file) {
  private static final int MOST = 200;

  boolean knows(String store) {
    return lines().contains(store);
  }

  private List<String> lines() {
    try {
      return Files.exists(file) ? Files.readAllLines(file) : List.of();
    } catch (IOException e) {
      return List.of();
    }
  }

  void add(String store) {
    List<String> lines = new ArrayList<>(lines());
    lines.remove(store);
    lines.add(store);
    try {
      Path folder = file.toAbsolutePath().getParent();
      if (folder == null) {
        return;
      }
      Files.createDirectories(folder);
      Path temp = Files.createTempFile(folder, ".probe", ".tmp");
      try {
        Files.write(temp, lines.subList(Math.max(0, lines.size() - MOST), lines.size()));
        Files.move(temp, file, StandardCopyOption.ATOMIC_MOVE);
      } finally {
        Files.deleteIfExists(temp);
      }
    } catch (IOException e) {
      // the next run probes again
    }
  }
}
