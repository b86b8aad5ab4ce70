package dev.s3dock.store.file;

import dev.s3dock.store.ETag;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.Precondition;
import dev.s3dock.store.StoreException;
import dev.s3dock.store.StoreException.Kind;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
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
  ETag replace(ObjectKey key, TempFile file, Precondition precondition) throws IOException {
    return locks.holding(
        key,
        () -> {
          Optional<FileState> old = layout.state(key);
          require(precondition, old, key);
          FileState stamped = FileState.stamp(file, old);
          file.sync();
          move(file, key);
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

  private void move(TempFile file, ObjectKey key) throws IOException {
    Path name = FileLayout.nameOf(key);
    for (int i = 0; i < TRIES; i++) {
      try (Folder folder = layout.makeFolderOf(key)) {
        requireFree(folder, name, key);
        file.moveTo(folder, name);
        folder.sync();
        return;
      } catch (NotDirectoryException e) {
        throw inTheWay(key, Path.of(e.getFile()));
      } catch (NoSuchFileException | FileAlreadyExistsException e) {
        if (!file.exists()) {
          throw e;
        }
        // a delete is just removing the empty folder
      }
    }
    throw new StoreException(
        Kind.UNAVAILABLE, "the folder of " + key + " was removed several times");
  }

  private void requireFree(Folder folder, Path name, ObjectKey key) throws IOException {
    if (folder.find(name).filter(BasicFileAttributes::isDirectory).isPresent()) {
      try {
        folder.deleteFolder(name); // an empty one, left by a crash
      } catch (DirectoryNotEmptyException e) {
        throw inTheWay(key, folder.path().resolve(name));
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
    locks.holding(
        key,
        () -> {
          Optional<Folder> found = layout.openFolderOf(key);
          if (found.isPresent()) {
            try (Folder folder = found.get()) {
              remove(folder, FileLayout.nameOf(key));
            }
          }
          return key;
        });
  }

  private static void remove(Folder folder, Path name) throws IOException {
    if (FileState.of(folder, name).isEmpty()) {
      return;
    }
    folder.deleteFile(name);
    Folder lowest = folder;
    for (Folder above = folder.parent(); above != null; above = above.parent()) {
      try {
        above.deleteFolder(Objects.requireNonNull(lowest.path().getFileName()));
      } catch (FileSystemException e) {
        break; // there is more in it, or another delete was quicker
      }
      lowest = above;
    }
    lowest.sync();
  }
}
