package dev.s3dock.store.file;

import dev.s3dock.store.StoreException;
import dev.s3dock.store.StoreException.Kind;
import java.io.EOFException;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.AccessDeniedException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.ReadOnlyFileSystemException;
import java.util.Locale;

/** Turns the errors of the file system into those of the port. */
final class FileErrors {
  private FileErrors() {}

  /**
   * Translates once, for the user.
   *
   * @param doing what failed, such as {@code write images/a.json}
   */
  static StoreException translate(Exception e, String doing, Path root) {
    String text = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
    String failed = "cannot " + doing + " in " + root + ": ";
    if (text.contains("no space left") || text.contains("quota exceeded")) {
      return new StoreException(
          Kind.NO_SPACE, failed + "the file system is full; free some space and try again", e);
    }
    if (e instanceof ReadOnlyFileSystemException || text.contains("read-only file system")) {
      return new StoreException(
          Kind.ACCESS_DENIED,
          failed + "the file system is mounted read-only; mount it for writing, too",
          e);
    }
    if (e instanceof AccessDeniedException || text.contains("operation not permitted")) {
      return new StoreException(
          Kind.ACCESS_DENIED,
          failed + "permission denied; give this user read and write access to the folder",
          e);
    }
    if (e instanceof NotDirectoryException no) {
      return new StoreException(
          Kind.FAILED,
          failed + "%s is no folder, and links are not followed; remove it".formatted(no.getFile()),
          e);
    }
    if (e instanceof AtomicMoveNotSupportedException) {
      return new StoreException(
          Kind.FAILED, failed + "the folder must not span several file systems", e);
    }
    if (e instanceof ClosedByInterruptException) {
      return new StoreException(Kind.UNAVAILABLE, failed + "interrupted", e);
    }
    return new StoreException(Kind.FAILED, failed + reason(e), e);
  }

  private static String reason(Exception e) {
    return switch (e) {
      case FileSystemException f when f.getReason() != null -> f.getReason();
      case NoSuchFileException f -> "there is no " + f.getFile();
      case FileAlreadyExistsException f -> f.getFile() + " exists already";
      case DirectoryNotEmptyException f -> f.getFile() + " is not empty";
      case FileSystemException f -> "the file system refuses " + f.getFile();
      case EOFException f when f.getMessage() == null -> "the file ends too early";
      case IOException f when f.getMessage() != null -> f.getMessage();
      default -> "the file system gives no reason";
    };
  }
}
