package dev.s3dock.engine.docker.build;

import dev.s3dock.engine.BuildRequest;
import dev.s3dock.engine.ByteProgress;
import dev.s3dock.engine.SourceDates;
import dev.s3dock.image.FailureWords;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A copy of a build's context with the modes and dates that are to be sent, for a program that
 * takes them from the disk. Each has a folder of its own: BuildKit remembers the files of a folder
 * by size and date, and would not notice new content of an old date.
 */
final class StagedContext implements AutoCloseable {
  private static final Set<PosixFilePermission> MAY_BE_EXECUTED =
      PosixFilePermissions.fromString("rwxr-xr-x");
  private static final Set<PosixFilePermission> PLAIN =
      PosixFilePermissions.fromString("rw-r--r--");

  private final Path top;

  private StagedContext(Path top) {
    this.top = top;
  }

  /**
   * Copies.
   *
   * @param parent where the temporary folder goes
   * @param progress told how much of the files was copied
   */
  static StagedContext of(BuildRequest request, Path parent, ByteProgress progress)
      throws IOException {
    List<ContextItem.OnDisk> items = ContextFiles.onDisk(request);
    StagedContext staged = new StagedContext(temporary(parent));
    SentContext copied = new SentContext(items, progress);
    try {
      for (ContextItem.OnDisk item : items) {
        copied.add(staged.copy(item));
      }
      for (ContextItem.OnDisk item : items.reversed()) { // a new file changes its folder's date
        date(staged.top.resolve(item.name()), item.date());
      }
      date(staged.top, SourceDates.FOLDERS); // COPY . gives it to the folder that it makes
      return staged;
    } catch (IOException | RuntimeException e) {
      staged.close();
      throw e;
    }
  }

  /** A folder with nothing in it, for what a program has to write somewhere. */
  static StagedContext empty(Path parent) throws IOException {
    return new StagedContext(temporary(parent));
  }

  private static Path temporary(Path parent) throws IOException {
    try {
      return Files.createTempDirectory(parent, "s3dock-context-");
    } catch (IOException e) {
      throw FailureWords.noTemporary(parent, e);
    }
  }

  Path folder() {
    return top;
  }

  /** Returns how many bytes a file has. */
  private long copy(ContextItem.OnDisk item) throws IOException {
    long bytes = 0;
    Path copy = top.resolve(item.name());
    var entry = item.entry();
    if (entry.isSymbolicLink()) {
      Files.createSymbolicLink(copy, Path.of(entry.getLinkName()));
      return bytes;
    }
    if (entry.isDirectory()) {
      Files.createDirectory(copy);
    } else {
      try (InputStream content = item.content().orElseThrow()) {
        bytes = Files.copy(content, copy);
      }
    }
    Files.setPosixFilePermissions(copy, (entry.getMode() & 0100) == 0 ? PLAIN : MAY_BE_EXECUTED);
    return bytes;
  }

  private static void date(Path copy, Instant date) throws IOException {
    Files.getFileAttributeView(copy, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
        .setTimes(FileTime.from(date), null, null);
  }

  @Override
  public void close() throws IOException {
    Files.walkFileTree(
        top,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes facts)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException failure)
              throws IOException {
            Files.delete(folder);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
