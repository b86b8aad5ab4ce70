package dev.s3dock.cli;

import dev.s3dock.archive.CorruptArchiveException;
import dev.s3dock.archive.UnsuitableImageException;
import dev.s3dock.config.ConfigException;
import dev.s3dock.deploy.DeployException;
import dev.s3dock.deploy.LoadBalancerException;
import dev.s3dock.engine.EngineException;
import dev.s3dock.git.GitException;
import dev.s3dock.image.InvalidNameException;
import dev.s3dock.image.Printable;
import dev.s3dock.registry.RegistryException;
import dev.s3dock.store.StoreException;
import dev.s3dock.transfer.TransferException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** Turns every exception into one message and an exit code; a stack trace only on request. */
final class FailureHandler {
  static final int FAILURE = 1;
  static final int USAGE = 2;
  static final int NOT_FOUND = 3;
  static final int CONFLICT = 4;
  static final int INTEGRITY = 5;
  static final int ENGINE = 6;
  static final int STORE = 7;

  private static final String INTERRUPTED =
      "interrupted; nothing that is half done can be seen: run it again to end it";

  private final ProcessContext process;
  private final S3dock options;
  private final boolean json;

  FailureHandler(ProcessContext process, S3dock options, boolean json) {
    this.process = process;
    this.options = options;
    this.json = json;
  }

  /** For arguments that picocli does not understand. */
  int onUsage(ParameterException failure, String[] args) {
    String command = failure.getCommandLine().getCommandSpec().qualifiedName();
    String hint = "; see " + command + " --help";
    String suggestion =
        failure instanceof CommandLine.UnmatchedArgumentException unmatched
            ? unmatched.getSuggestions().stream()
                .limit(3)
                .collect(Collectors.joining(", ", "; did you mean ", "?"))
            : "";
    String message = failure.getMessage() + (suggestion.endsWith(" ?") ? "" : suggestion) + hint;
    report(failure.getCommandLine(), message, failure);
    return USAGE;
  }

  /** For what a command throws. */
  int onFailure(Exception failure, CommandLine line, ParseResult parsed) {
    if (failure instanceof ReportedException reported) {
      return exitCode(reported.reason());
    }
    report(line, message(failure), failure);
    return exitCode(failure);
  }

  private void report(CommandLine line, String message, Exception failure) {
    process.out().flush();
    if (json) {
      new Output(process, true)
          .failure(line.getCommandSpec().qualifiedName().replaceFirst("^s3dock ?", ""), message);
    } else {
      process.err().println("s3dock: " + Printable.lines(message));
    }
    if (options.showsEverything()) {
      StringWriter trace = new StringWriter();
      failure.printStackTrace(new PrintWriter(trace));
      process.err().print(Printable.lines(trace.toString()));
    }
  }

  private static int exitCode(Exception failure) {
    return switch (failure) {
      case InvalidNameException e -> USAGE;
      case UsageException e -> USAGE;
      case ParameterException e -> USAGE;
      case ConfigException e -> e.wanted().isEmpty() ? USAGE : NOT_FOUND;
      case RegistryException e -> exitCode(e.kind());
      case StoreException e -> exitCode(e.kind());
      case EngineException e -> exitCode(e.kind());
      case GitException e -> exitCode(e.kind());
      case TransferException e -> exitCode(e.kind());
      case DeployException e -> exitCode(e.kind());
      case LoadBalancerException e -> FAILURE;
      case DiagnosisException e -> exitCode(e.reason());
      case CorruptArchiveException e -> INTEGRITY;
      case UnsuitableImageException e -> INTEGRITY;
      default -> FAILURE;
    };
  }

  private static int exitCode(RegistryException.Kind kind) {
    return switch (kind) {
      case NOT_FOUND -> NOT_FOUND;
      case CONFLICT -> CONFLICT;
      case CORRUPT -> INTEGRITY;
    };
  }

  private static int exitCode(StoreException.Kind kind) {
    return switch (kind) {
      case NOT_FOUND -> NOT_FOUND;
      case PRECONDITION_FAILED, NO_PRECONDITIONS -> CONFLICT;
      case TOO_LARGE -> INTEGRITY;
      case NO_BUCKET, ACCESS_DENIED, WRONG_REGION, UNAVAILABLE -> STORE;
      case NO_SPACE, UNSUPPORTED, FAILED -> FAILURE;
    };
  }

  private static int exitCode(EngineException.Kind kind) {
    return switch (kind) {
      case UNAVAILABLE, TOO_OLD -> ENGINE;
      case NOT_FOUND -> NOT_FOUND;
      case BUILD_FAILED, LOAD_REFUSED, NO_SPACE, FAILED -> FAILURE;
    };
  }

  private static int exitCode(GitException.Kind kind) {
    return switch (kind) {
      case NOT_A_REPOSITORY, NO_COMMITS, UNSAFE -> CONFLICT;
      case NO_GIT, FAILED -> FAILURE;
    };
  }

  private static int exitCode(TransferException.Kind kind) {
    return switch (kind) {
      case NOT_FOUND -> NOT_FOUND;
      case REFUSED, CHANGED -> CONFLICT;
      case INTEGRITY -> INTEGRITY;
    };
  }

  private static int exitCode(DeployException.Kind kind) {
    return switch (kind) {
      case FAILED -> FAILURE;
      case SETTINGS -> USAGE;
      case LOCKED -> CONFLICT;
    };
  }

  static String message(Exception failure) {
    return switch (failure) {
      case RegistryException e -> e.getMessage() + nearMisses(e.wanted(), e.existing());
      case ConfigException e -> e.getMessage() + nearMisses(e.wanted(), e.existing());
      case CancellationException e -> INTERRUPTED;
      case SocketTimeoutException e -> "no answer in time; try again";
      case InterruptedIOException e -> INTERRUPTED;
      case ClosedByInterruptException e -> INTERRUPTED;
      case UncheckedIOException e when e.getCause() != null -> message(e.getCause());
      case NoSuchFileException e -> "no such file or folder: " + e.getFile();
      case FileNotFoundException e -> "no such file or folder: " + e.getMessage();
      case AccessDeniedException e -> "permission denied: " + e.getFile();
      case FileSystemException e -> e.getFile() + ": " + e.getReason();
      case IOException e -> "input or output failed: " + e.getMessage();
      default -> failure.getMessage() == null ? failure.toString() : failure.getMessage();
    };
  }

  private static String nearMisses(String wanted, List<String> existing) {
    List<String> near = Suggestions.of(wanted, existing);
    return near.isEmpty() ? "" : "; did you mean " + Printable.of(String.join(" or ", near)) + "?";
  }
}
