package dev.s3dock.cli.render;

import dev.s3dock.config.ConfigException;
import dev.s3dock.image.FailureWords;
import dev.s3dock.image.Printable;
import dev.s3dock.registry.RegistryException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.concurrent.CancellationException;
import picocli.CommandLine.ParameterException;

/** Makes the one message that a user sees of a failure. */
public final class ErrorMessage {
  private static final String INTERRUPTED =
      "interrupted; nothing was left half done: run the command again to finish";

  private static final String OURS = "dev.s3dock.";

  private ErrorMessage() {}

  /** What the failure says, with names that may have been meant. */
  public static String of(Throwable failure) {
    return switch (failure) {
      case RegistryException e -> e.getMessage() + suggestions(e.wanted(), e.existing());
      case ConfigException e -> e.getMessage() + suggestions(e.wanted(), e.existing());
      case CancellationException e -> INTERRUPTED;
      case SocketTimeoutException e -> "no answer in time; try again";
      case InterruptedIOException e -> INTERRUPTED;
      case ClosedByInterruptException e -> INTERRUPTED;
      case UncheckedIOException e when e.getCause() != null -> of(e.getCause());
      case IOException e when isOurs(e) -> String.valueOf(e.getMessage());
      case NoSuchFileException e -> "no such file or folder: " + e.getFile();
      case AccessDeniedException e -> "permission denied: " + e.getFile();
      case FileSystemException e -> e.getFile() + ": " + FailureWords.of(e);
      case FileNotFoundException e -> FailureWords.of(e) + ": " + fileOf(e);
      case IOException e when saysWhatFailed(e) -> FailureWords.of(e);
      case IOException e -> "cannot read or write: " + FailureWords.of(e);
      case InvalidPathException e ->
          "'%s' cannot be the name of a file: %s"
              .formatted(Printable.of(e.getInput()), e.getReason());
      case OutOfMemoryError e ->
          "out of memory, of which there are %d MiB (%s); run it with more, such as S3DOCK_JAVA_OPTS=-Xmx2g"
              .formatted(Runtime.getRuntime().maxMemory() >> 20, e.getMessage());
      case UnsatisfiedLinkError e ->
          "a native library cannot be loaded (%s); where the folder for temporary files is mounted noexec, set TMPDIR to another one"
              .formatted(
                  String.valueOf(e.getMessage())
                      .lines()
                      .findFirst()
                      .orElse("")
                      .replaceFirst("^(\\S+: )\\1", "$1")); // the runtime names the file twice
      case Error e -> "internal error: " + e + "; --log-level 3 shows more, to be reported";
      default ->
          isOurs(failure) || failure instanceof ParameterException
              ? String.valueOf(failure.getMessage())
              : "internal error: %s; --log-level 3 shows more, to be reported"
                  .formatted(FailureWords.of(failure));
    };
  }

  private static boolean isOurs(Throwable failure) {
    return failure.getClass().getName().startsWith(OURS);
  }

  /** Ours begin with what could not be done, others with why. */
  private static boolean saysWhatFailed(IOException failure) {
    return String.valueOf(failure.getMessage()).startsWith("cannot ");
  }

  /** Its message is the name, and the reason in brackets. */
  private static String fileOf(FileNotFoundException failure) {
    return String.valueOf(failure.getMessage()).replaceFirst(" \\([^()]*\\)$", "");
  }

  private static String suggestions(String wanted, List<String> existing) {
    List<String> near = Suggestions.of(wanted, existing);
    return near.isEmpty() ? "" : "; did you mean " + Printable.of(String.join(" or ", near)) + "?";
  }
}
