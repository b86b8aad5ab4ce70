package dev.s3dock.transfer.push;

import dev.s3dock.engine.EngineImage;
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
 * Which image config an engine's image ID stands for. With the containerd store the ID is the
 * digest of a manifest, and which config that names shows only in an export. Since an ID is the
 * digest of what it names, what was seen once holds for ever, and is kept in small files.
 *
 * @param folder for these files; need not exist
 */
record KnownImages(Path folder) {
  private static final int MOST = 1000;

  /** The image's identity; empty if this machine has not seen it. */
  Optional<Digest> find(EngineImage image) {
    try {
      return Optional.of(Digest.parse(Files.readString(file(image)).strip()));
    } catch (IOException | InvalidNameException e) {
      return Optional.empty();
    }
  }

  /** Keeps what was seen; failing to do so costs an export the next time. */
  void remember(EngineImage image, Digest imageId) {
    try {
      Files.createDirectories(folder);
      Path part = Files.createTempFile(folder, "new-", ".part");
      try {
        Files.writeString(part, imageId + "\n");
        Files.move(part, file(image), StandardCopyOption.ATOMIC_MOVE);
      } finally {
        Files.deleteIfExists(part);
      }
      forgetOldest();
    } catch (IOException | InvalidNameException e) {
      // a full disk, an ID that is no digest, or a folder that is not ours
    }
  }

  /** What the engine says must not lead out of the folder. */
  private Path file(EngineImage image) {
    return folder.resolve(
        Digest.parse(image.id()).hex() + "-" + image.platform().toString().replace('/', '-'));
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
