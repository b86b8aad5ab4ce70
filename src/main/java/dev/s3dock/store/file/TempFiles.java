package dev.s3dock.store.file;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;

/**
 * Files that are being written, beside the objects and on the same file system. What a crash leaves
 * here is never read, and is swept away by a later upload.
 */
record TempFiles(Path folder) {
  /** No upload goes on for so long without writing. */
  private static final Duration STALE = Duration.ofDays(7);

  /** A new name for a file. */
  Path next() throws IOException {
    Files.createDirectories(folder);
    return folder.resolve(UUID.randomUUID().toString());
  }

  /** Makes a new file, open for reading and writing. */
  static FileChannel create(Path file) throws IOException {
    return FileChannel.open(
        file, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE);
  }

  /**
   * Removes what crashed processes have left behind.
   *
   * @param fresh a file made just now: its time is the file system's idea of now
   */
  void sweep(Path fresh) throws IOException {
    Instant oldest = Files.getLastModifiedTime(fresh).toInstant().minus(STALE);
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        sweepOne(file, oldest);
      }
    }
  }

  private static void sweepOne(Path file, Instant oldest) throws IOException {
    try {
      if (Files.getLastModifiedTime(file).toInstant().isBefore(oldest)) {
        Files.deleteIfExists(file);
      }
    } catch (NoSuchFileException e) {
      // another process was quicker
    }
  }

  /**
   * Makes the bytes and the times of a file, or the entries of a folder, outlast a power failure.
   */
  static void sync(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }
}
