package dev.s3dock.store.file;

import dev.s3dock.store.ETag;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.ObjectStat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/**
 * One state of an object's file. Its token is the modification time and the size: {@link #stamp}
 * gives every state of a key a later time than the one before it, so no two states share a token,
 * and a copy of the whole folder that keeps times (rsync -a, tar) keeps the tokens.
 *
 * @param size in bytes
 */
record FileState(long size, Instant modified) {
  /** The kernel's clock for files stands still this long; within it, chance keeps states apart. */
  private static final Duration KERNEL_TICK = Duration.ofMillis(4);

  /** Smallest steps of the times of file systems, from ext4 to FAT. */
  private static final List<Duration> STEPS =
      List.of(
          Duration.ofNanos(1),
          Duration.ofNanos(1_000),
          Duration.ofSeconds(1),
          Duration.ofSeconds(3));

  /** The state of the regular file at the path; empty if there is none. Links are not followed. */
  static Optional<FileState> of(Path path) throws IOException {
    try {
      BasicFileAttributes found =
          Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      return found.isRegularFile()
          ? Optional.of(new FileState(found.size(), found.lastModifiedTime().toInstant()))
          : Optional.empty();
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  /**
   * Gives a finished file the time that makes it a new state, by the clock of its file system.
   *
   * @param old the state it is going to replace
   */
  static FileState stamp(Path file, Optional<FileState> old) throws IOException {
    Instant now =
        Files.getLastModifiedTime(file)
            .toInstant()
            .minusNanos(ThreadLocalRandom.current().nextLong(KERNEL_TICK.toNanos()));
    for (Duration step : STEPS) {
      Instant wanted =
          old.map(state -> state.modified().plus(step)).filter(now::isBefore).orElse(now);
      Files.setLastModifiedTime(file, FileTime.from(wanted));
      FileState stamped = of(file).orElseThrow(() -> new NoSuchFileException(file.toString()));
      if (old.isEmpty() || stamped.modified().isAfter(old.get().modified())) {
        return stamped;
      }
    }
    throw new IOException("the file system keeps no modification times");
  }

  ETag etag() {
    return new ETag("%x%08x-%x".formatted(modified.getEpochSecond(), modified.getNano(), size));
  }

  ObjectStat stat(ObjectKey key) {
    return new ObjectStat(key, size, etag(), modified);
  }
}
