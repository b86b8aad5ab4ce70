package dev.s3dock.transfer;

import dev.s3dock.image.Digest;
import dev.s3dock.image.InvalidNameException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Digests that this machine has seen belong to something, in small files; the oldest go. What is
 * noted is a hint: to lose it costs time.
 *
 * @param folder for these files; need not exist
 */
public record NotedDigests(Path folder) {
  private static final int MOST = 1000;

  /**
   * What belongs to this; empty if this machine has not seen it.
   *
   * @param name of a file in the folder
   */
  public Optional<Digest> find(String name) {
    try {
      return Optional.of(Digest.parse(Files.readString(folder.resolve(name)).strip()));
    } catch (IOException | InvalidNameException e) {
      return Optional.empty();
    }
  }

  /** Keeps what was seen. */
  public void remember(String name, Digest digest) {
    try {
      Files.createDirectories(folder);
      Path part = Files.createTempFile(folder, "new-", ".part");
      try {
        Files.writeString(part, digest + "\n");
        Files.move(part, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
      } finally {
        Files.deleteIfExists(part);
      }
      forgetOldest();
    } catch (IOException e) {
      // a full disk, or a folder that is not ours
    }
  }

  private void forgetOldest() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      List<Written> oldestFirst =
          files
              .map(file -> new Written(file, file.toFile().lastModified()))
              .sorted(Comparator.comparingLong(Written::at))
              .toList();
      for (Written one : oldestFirst.subList(0, Math.max(0, oldestFirst.size() - MOST))) {
        Files.deleteIfExists(one.file());
      }
    }
  }

  /** A time is read once: other pushes write meanwhile. */
  private record Written(Path file, long at) {}
}
