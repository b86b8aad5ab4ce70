package dev.s3dock.deploy.host;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A file that is replaced as a whole: whoever reads it, and a crash at any moment, meet the old or
 * the new content, never a part.
 *
 * @param path the file; its folder must exist and be writable
 */
public record DurableFile(Path path) {
  private static final Duration AGAIN = Duration.ofMillis(10);

  /** What it holds; empty if it does not exist. */
  public Optional<byte[]> read() throws IOException {
    try {
      return Optional.of(Files.readAllBytes(path));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  /**
   * Written beside it, brought to the disk, and renamed. It can be read by all, or as before. A
   * link stays, and what it leads to is replaced.
   *
   * @throws FileSystemException if there is something else than a file, such as a device
   */
  public void replace(byte[] content) throws IOException {
    if (Files.isSymbolicLink(path)) {
      new DurableFile(path.toRealPath()).replace(content);
      return;
    }
    if (Files.exists(path) && !Files.isRegularFile(path)) {
      throw new FileSystemException(path.toString(), null, "is no regular file");
    }
    Set<PosixFilePermission> permissions = permissions();
    Path next = Files.createTempFile(folder(), "." + path.getFileName() + ".", ".tmp");
    try {
      try (FileChannel channel = FileChannel.open(next, WRITE)) {
        for (ByteBuffer rest = ByteBuffer.wrap(content); rest.hasRemaining(); ) {
          channel.write(rest);
        }
        Files.setPosixFilePermissions(next, permissions);
        channel.force(true);
      }
      Files.move(next, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(next);
    }
    syncFolder();
  }

  /** Removes it, if it is there. */
  public void remove() throws IOException {
    Files.deleteIfExists(path);
    syncFolder();
  }

  /** A step under a lock. */
  @FunctionalInterface
  public interface Step {
    void run() throws IOException;
  }

  /**
   * Runs a step while no other process that uses this method on the same path does. The lock is a
   * file beside it, and is free when its process ends, however it ends.
   *
   * @throws IOException also if the lock is not free within the deadline
   */
  public void locked(Duration deadline, Step step) throws IOException {
    Path lockFile = folder().resolve("." + path.getFileName() + ".s3dock-lock");
    long end = System.nanoTime() + deadline.toNanos();
    try (FileChannel channel = FileChannel.open(lockFile, CREATE, READ, WRITE)) {
      FileLock lock = tryLock(channel);
      while (lock == null) {
        if (System.nanoTime() > end || Thread.currentThread().isInterrupted()) {
          throw new IOException("another s3dock holds " + lockFile);
        }
        LockSupport.parkNanos(AGAIN.toNanos());
        lock = tryLock(channel);
      }
      try {
        step.run();
      } finally {
        lock.release();
      }
    }
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null; // another thread of this process
    }
  }

  private Set<PosixFilePermission> permissions() throws IOException {
    try {
      return Files.getPosixFilePermissions(path);
    } catch (NoSuchFileException e) {
      return PosixFilePermissions.fromString("rw-r--r--");
    }
  }

  private Path folder() {
    Path parent = path.toAbsolutePath().getParent();
    if (parent == null) {
      throw new IllegalArgumentException(path + " is no file in a folder");
    }
    return parent;
  }

  private void syncFolder() throws IOException {
    try (FileChannel channel = FileChannel.open(folder(), READ)) {
      channel.force(true);
    }
  }
}
