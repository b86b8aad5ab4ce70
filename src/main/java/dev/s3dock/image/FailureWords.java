package dev.s3dock.image;

import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.regex.Pattern;

/**
 * What a failure of the runtime or a library says, for users: no names of classes, and of a place
 * in a document only line and column.
 */
public final class FailureWords {
  /** How Jackson tells a place: it hides the source by a text that is longer than the place. */
  private static final Pattern PLACE =
      Pattern.compile("(?s)(?:\\s*\\bat )?\\[Source: [^]]*?(line: \\d+, column: \\d+)\\]");

  private static final Pattern CLASS =
      Pattern.compile(
          "\\b(?:[a-z][a-z0-9_]*\\.)+[A-Z]\\w*(?:\\$\\w+)*(?:Exception|Error)\\b(?:: ?)?");

  private FailureWords() {}

  /** The reason, without the file's name, which the message around it has. */
  public static String of(Throwable failure) {
    return switch (failure) {
      case NoSuchFileException _ -> "there is no such file or folder";
      case AccessDeniedException _ -> "permission denied";
      case FileAlreadyExistsException _ -> "it exists already";
      case DirectoryNotEmptyException _ -> "the folder is not empty";
      case NotDirectoryException _ -> "it is not a folder";
      case FileSystemLoopException _ -> "its links lead round in a circle";
      case FileSystemException e -> e.getReason() == null ? "no reason is given" : e.getReason();
      case FileNotFoundException e -> afterFile(String.valueOf(e.getMessage()));
      case CharacterCodingException _ -> "it is not UTF-8";
      case UnknownHostException e -> "unknown host " + Printable.of(String.valueOf(e.getMessage()));
      case SocketTimeoutException _ -> "no answer in time";
      case EOFException e when e.getMessage() == null -> "it ends too early";
      case IOException e when e.getMessage() == null && e.getCause() == null ->
          "the connection or the file was closed";
      default -> ofMessage(failure);
    };
  }

  /**
   * The failure for a temporary file or folder that cannot be made.
   *
   * @param folder where it would be
   */
  public static IOException noTemporary(Path folder, IOException reason) {
    return new IOException(
        "cannot create a temporary file in %s (%s): set TMPDIR to a folder that exists and can be written"
            .formatted(Printable.of(folder.toString()), of(reason)),
        reason);
  }

  private static String ofMessage(Throwable failure) {
    String message = failure.getMessage();
    if (message != null && !of(message).isBlank()) {
      return of(message);
    }
    return failure.getCause() == null ? "no reason is given" : of(failure.getCause());
  }

  /** {@code java.io} tells the reason in brackets behind the name. */
  private static String afterFile(String message) {
    int bracket = message.lastIndexOf(" (");
    return bracket < 0 || !message.endsWith(")")
        ? "there is no such file or folder"
        : message.substring(bracket + 2, message.length() - 1);
  }

  /** The text without names of classes, and with places as line and column. */
  public static String of(String text) {
    String placed = PLACE.matcher(text).replaceAll(" at $1").replace("( at ", "(at ");
    return CLASS.matcher(placed).replaceAll("").strip();
  }
}
