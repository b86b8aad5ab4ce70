package dev.s3dock.store.file;

import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * Files that are being written, beside the objects and on the same file system. What a crash leaves
 * here is never read, and is swept away by a later upload.
 */
record TempFiles(FileLayout layout) {
  private static final String FOLDER = FileLayout.RESERVED + "/tmp";

  /** No upload goes on for so long without writing. */
  private static final Duration STALE = Duration.ofDays(7);

  /** Makes a new file, open for reading and writing. */
  TempFile create() throws IOException {
    Path name = Path.of(UUID.randomUUID().toString());
    Set<StandardOpenOption> options =
        Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE);
    return layout.makeFolder(
        FOLDER, folder -> new TempFile(folder, name, folder.open(name, options)));
  }

  /**
   * Removes what crashed processes have left behind.
   *
   * @param fresh a file made just now: its time is the file system's idea of now
   */
  void sweep(TempFile fresh) throws IOException {
    Instant oldest = fresh.state().modified().minus(STALE);
    try (Folder folder = layout.makeFolder(FOLDER)) {
      folder.each(name -> sweepOne(folder, name, oldest));
    }
    try (Folder root = layout.makeFolder("")) {
      root.each(
          name -> {
            if (name.toString().startsWith(HeldFolder.NEW)) {
              sweepOne(root, name, oldest);
            }
          });
    }
  }

  private static void sweepOne(Folder folder, Path name, Instant oldest) throws IOException {
    Optional<BasicFileAttributes> found = folder.find(name);
    if (found.isEmpty() || !found.get().lastModifiedTime().toInstant().isBefore(oldest)) {
      return;
    }
    try {
      if (found.get().isDirectory()) {
        folder.deleteFolder(name);
      } else {
        folder.deleteFile(name);
      }
    } catch (NoSuchFileException | DirectoryNotEmptyException e) {
      // another process was quicker, or somebody keeps something here
    }
  }
}
