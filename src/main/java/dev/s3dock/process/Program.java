package dev.s3dock.process;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A program of this host, run to its end.
 *
 * <p>It gets no input. Both pipes are read at once, and of each the first {@value #OUTPUT_LIMIT}
 * bytes are kept. When the deadline passes or the thread is interrupted, it is killed with all that
 * it has started.
 *
 * @param command program and arguments; no shell is between
 * @param environment variables in addition to those of s3dock itself
 * @param folder where it runs; that of s3dock if empty
 * @param deadline for all of it
 */
public record Program(
    List<String> command,
    Map<String, String> environment,
    Optional<Path> folder,
    Duration deadline) {
  /** Bytes of standard output and of standard error that are kept, each. */
  public static final int OUTPUT_LIMIT = 1024 * 1024;

  /** How long pipes may stay open after the end: somebody in the background may hold them. */
  private static final Duration PIPES = Duration.ofSeconds(1);

  public Program {
    command = List.copyOf(command);
    environment = Map.copyOf(environment);
    if (command.isEmpty() || command.getFirst().isBlank()) {
      throw new IllegalArgumentException("a command line needs a program");
    }
    if (!deadline.isPositive()) {
      throw new IllegalArgumentException("the deadline of `" + command + "` is " + deadline);
    }
  }

  public static Program of(List<String> command, Duration deadline) {
    return new Program(command, Map.of(), Optional.empty(), deadline);
  }

  /** How it went. */
  public sealed interface Outcome {
    /** It ran to its end; status 0 says that it succeeded. */
    record Ended(int status, String output, String errors) implements Outcome {
      public boolean succeeded() {
        return status == 0;
      }
    }

    /** It was still running at its deadline, and has been killed. */
    record TimedOut(Duration deadline, String output, String errors) implements Outcome {}

    /** It could not be started. */
    record NotStarted(String reason) implements Outcome {}

    /** For a message: what happened, with the program's own words. */
    default String describe() {
      return switch (this) {
        case Ended it -> words(it.errors(), it.output(), "status " + it.status());
        case TimedOut it ->
            words(
                it.errors(),
                it.output(),
                "killed when it had not ended within " + it.deadline().toMillis() + " ms");
        case NotStarted it -> "cannot be started: " + it.reason();
      };
    }

    private static String words(String errors, String output, String end) {
      String said = errors.isBlank() ? output.strip() : errors.strip();
      return said.isEmpty() ? end : end + ", and says: " + said;
    }
  }

  /** The command line, for a message. */
  @Override
  public String toString() {
    return "`" + String.join(" ", command) + "`";
  }

  /**
   * Runs it. Its failure is an outcome, not an exception.
   *
   * @throws InterruptedException if the thread was interrupted; the program has been killed
   */
  public Outcome run() throws InterruptedException {
    Process process;
    try {
      process = start();
    } catch (IOException e) {
      return new Outcome.NotStarted(String.valueOf(e.getMessage()));
    }
    Kept output = Kept.of(process.getInputStream());
    Kept errors = Kept.of(process.getErrorStream());
    boolean ended = false;
    try {
      ended = process.waitFor(deadline.toNanos(), TimeUnit.NANOSECONDS);
    } finally {
      if (!ended) {
        kill(process);
      }
    }
    output.await();
    errors.await();
    return ended
        ? new Outcome.Ended(process.exitValue(), output.text(), errors.text())
        : new Outcome.TimedOut(deadline, output.text(), errors.text());
  }

  private Process start() throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectInput(ProcessBuilder.Redirect.from(nothing()));
    folder.ifPresent(it -> builder.directory(it.toFile()));
    builder.environment().putAll(environment);
    return builder.start();
  }

  private static File nothing() {
    return new File("/dev/null");
  }

  /** Children first seen, then killed: one whose parent is gone could not be found any more. */
  private static void kill(Process process) {
    List<ProcessHandle> descendants = process.descendants().toList();
    process.destroyForcibly();
    descendants.forEach(ProcessHandle::destroyForcibly);
  }

  /** What came out of a pipe. */
  private static final class Kept {
    private final StringBuilder text = new StringBuilder();
    private final CompletableFuture<Void> end = new CompletableFuture<>();

    static Kept of(InputStream pipe) {
      Kept kept = new Kept();
      Thread.startVirtualThread(() -> kept.drain(pipe));
      return kept;
    }

    private void drain(InputStream pipe) {
      try (var in = new InputStreamReader(pipe, UTF_8)) {
        char[] buffer = new char[8192];
        for (int count; (count = in.read(buffer)) >= 0; ) {
          keep(new String(buffer, 0, count));
        }
      } catch (IOException e) {
        keep("[its output cannot be read: " + e.getMessage() + "]");
      } finally {
        end.complete(null);
      }
    }

    private synchronized void keep(String more) {
      text.append(more, 0, Math.min(more.length(), OUTPUT_LIMIT - text.length()));
    }

    void await() throws InterruptedException {
      try {
        end.get(PIPES.toMillis(), TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        // a background process has inherited the pipe; what was said up to now is what counts
      } catch (ExecutionException e) {
        throw new IllegalStateException(e);
      }
    }

    synchronized String text() {
      return text.toString();
    }
  }
}
