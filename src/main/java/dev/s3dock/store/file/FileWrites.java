package dev.s3dock.store.file;

import dev.s3dock.store.ETag;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.Precondition;
import dev.s3dock.store.StoreException;
import dev.s3dock.store.StoreException.Kind;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

/** What changes the store: objects appear and vanish by one rename or unlink, under their lock. */
final class FileWrites {
  /** A folder that a delete removes under a put is made again, this often. */
  private static final int TRIES = 100;

  private final FileLayout layout;
  private final FileLocks locks;

  FileWrites(FileLayout layout, FileLocks locks) {
    this.layout = layout;
    this.locks = locks;
  }

  /** Makes a temporary file the object, if the precondition holds. */
  ETag replace(ObjectKey key, Path file, Precondition precondition) throws IOException {
    Path target = layout.pathOf(key);
    return locks.holding(
        key,
        () -> {
          Optional<FileState> old = layout.state(key);
          require(precondition, old, key);
          FileState stamped = FileState.stamp(file, old);
          TempFiles.sync(file);
          move(file, target, key);
          return stamped.etag();
        });
  }

  private static void require(Precondition precondition, Optional<FileState> old, ObjectKey key) {
    boolean holds =
        switch (precondition) {
          case Precondition.None() -> true;
          case Precondition.IfAbsent() -> old.isEmpty();
          case Precondition.IfMatch(ETag etag) ->
              old.map(FileState::etag).filter(etag::equals).isPresent();
        };
    if (!holds) {
      throw changed(key);
    }
  }

  static StoreException changed(ObjectKey key) {
    return new StoreException(
        Kind.PRECONDITION_FAILED, key + " is not in the expected state: someone has changed it");
  }

  private void move(Path file, Path target, ObjectKey key) throws IOException {
    Path folder = FileLayout.parentOf(target);
    for (int i = 0; i < TRIES; i++) {
      requireFree(target, key);
      try {
        boolean made = Files.notExists(folder);
        Files.createDirectories(folder);
        Files.move(file, target, StandardCopyOption.ATOMIC_MOVE);
        syncUp(folder, made ? layout.root() : folder);
        return;
      } catch (NoSuchFileException | FileAlreadyExistsException e) {
        if (Files.notExists(file)) {
          throw e;
        }
        // a delete is just removing the empty folder
      }
    }
    throw new StoreException(
        Kind.UNAVAILABLE, "the folder of " + key + " was removed several times");
  }

  private static void syncUp(Path folder, Path last) throws IOException {
    TempFiles.sync(folder);
    for (Path path = folder; !path.equals(last); path = FileLayout.parentOf(path)) {
      TempFiles.sync(FileLayout.parentOf(path));
    }
  }

  private void requireFree(Path target, ObjectKey key) throws IOException {
    Optional<Path> obstacle = layout.obstacle(target);
    if (obstacle.isPresent()) {
      throw inTheWay(key, obstacle.get());
    }
    if (Files.isDirectory(target, LinkOption.NOFOLLOW_LINKS)) {
      try {
        Files.deleteIfExists(target); // an empty folder, left by a crash
      } catch (DirectoryNotEmptyException e) {
        throw inTheWay(key, target);
      }
    }
  }

  private StoreException inTheWay(ObjectKey key, Path obstacle) {
    return new StoreException(
        Kind.FAILED,
        "cannot write %s in %s: %s is in the way, and a folder store cannot hold both"
            .formatted(key, layout.root(), layout.root().relativize(obstacle)));
  }

  /** Removes an object, and the folders that are empty without it. */
  void remove(ObjectKey key) throws IOException {
    Path path = layout.pathOf(key);
    locks.holding(
        key,
        () -> {
          if (layout.state(key).isPresent()) {
            Files.deleteIfExists(path);
            removeEmptyFolders(FileLayout.parentOf(path));
          }
          return key;
        });
  }

  private void removeEmptyFolders(Path lowest) throws IOException {
    Path folder = lowest;
    try {
      while (!folder.equals(layout.root())) {
        Files.deleteIfExists(folder);
        folder = FileLayout.parentOf(folder);
      }
      TempFiles.sync(folder);
    } catch (DirectoryNotEmptyException e) {
      try {
        TempFiles.sync(folder);
      } catch (NoSuchFileException gone) {
        // a later delete has removed it
      }
    }
  }
}
