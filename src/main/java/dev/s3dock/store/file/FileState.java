package dev.s3dock.store.file;

import dev.s3dock.store.ETag;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.ObjectStat;
import java.io.IOException;
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

  /** The state of the regular file of this name; empty if there is none. Links are not followed. */
  static Optional<FileState> of(Folder folder, Path name) throws IOException {
    return folder.find(name).filter(BasicFileAttributes::isRegularFile).map(FileState::of);
  }

  /** The state of a regular file. */
  static FileState of(BasicFileAttributes file) {
    return new FileState(file.size(), file.lastModifiedTime().toInstant());
  }

  /**
   * Gives a finished file the time that makes it a new state, by the clock of its file system.
   *
   * @param old the state it is going to replace
   */
  static FileState stamp(TempFile file, Optional<FileState> old) throws IOException {
    Instant now =
        file.state()
            .modified()
            .minusNanos(ThreadLocalRandom.current().nextLong(KERNEL_TICK.toNanos()));
    for (Duration step : STEPS) {
      Instant wanted =
          old.map(state -> state.modified().plus(step)).filter(now::isBefore).orElse(now);
      file.setModified(FileTime.from(wanted));
      FileState stamped = file.state();
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
