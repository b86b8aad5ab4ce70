package dev.s3dock.store.file;

import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.StoreException;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.IntStream;

/**
 * One writer per key at a time, among threads and processes. A fixed number of lock files, shared
 * by the keys and never removed: removing one races with its next user. The kernel frees the lock
 * of a process that dies.
 */
final class FileLocks {
  private static final int STRIPES = 256;
  private static final Duration POLL = Duration.ofMillis(1);

  /** A file lock belongs to the whole process, so threads need one more, whatever the store. */
  private static final ReentrantLock[] THREADS =
      IntStream.range(0, STRIPES).mapToObj(i -> new ReentrantLock()).toArray(ReentrantLock[]::new);

  private static final String FOLDER = FileLayout.RESERVED + "/locks";

  private final FileLayout layout;
  private final Duration patience;

  /**
   * Locks as files of a folder of the store, which is made when it is needed.
   *
   * @param patience longest wait for the other writers of a key
   */
  FileLocks(FileLayout layout, Duration patience) {
    this.layout = layout;
    this.patience = patience;
  }

  /** What is done under a lock. */
  @FunctionalInterface
  interface Action<T> {
    T run() throws IOException;
  }

  /** Runs the action as the only writer of the key. */
  <T> T holding(ObjectKey key, Action<T> action) throws IOException {
    int stripe = Math.floorMod(key.value().hashCode(), STRIPES);
    long deadline = System.nanoTime() + patience.toNanos();
    ReentrantLock threads = THREADS[stripe];
    try {
      if (!threads.tryLock(patience.toNanos(), TimeUnit.NANOSECONDS)) {
        throw busy(key);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StoreException(
          StoreException.Kind.UNAVAILABLE, "interrupted while waiting for " + key, e);
    }
    try {
      Path name = Path.of("%02x".formatted(stripe));
      try (LockFile file =
              layout.makeFolder(FOLDER, folder -> new LockFile(folder, open(folder, name)));
          FileLock lock = lock(file.channel, key, deadline)) {
        assert lock.isValid();
        return action.run();
      }
    } finally {
      threads.unlock();
    }
  }

  /** Open, with the folder that it is in. */
  private record LockFile(Folder folder, FileChannel channel) implements Closeable {
    @Override
    public void close() throws IOException {
      try (folder) {
        channel.close();
      }
    }
  }

  /** A pipe in its place is refused; and what is opened for reading, too, does not block on one. */
  private static FileChannel open(Folder folder, Path name) throws IOException {
    Optional<BasicFileAttributes> found = folder.find(name);
    if (found.isPresent() && !found.get().isRegularFile()) {
      throw new FileSystemException(
          folder.path().resolve(name).toString(),
          null,
          name + " of the locks is no file; remove it");
    }
    return folder.open(
        name, Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE));
  }

  private FileLock lock(FileChannel channel, ObjectKey key, long deadline) throws IOException {
    FileLock lock = channel.tryLock();
    while (lock == null) {
      if (System.nanoTime() - deadline > 0 || Thread.currentThread().isInterrupted()) {
        throw busy(key);
      }
      LockSupport.parkNanos(POLL.toNanos());
      lock = channel.tryLock();
    }
    return lock;
  }

  private StoreException busy(ObjectKey key) {
    return new StoreException(
        StoreException.Kind.UNAVAILABLE,
        "another process holds the lock of " + key + " in " + layout.root() + "; try again");
  }
}
