package dev.s3dock.process;

import dev.s3dock.concurrent.Tasks;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A program of this host, run to its end.
 *
 * <p>It gets no input. Both pipes are read at once, each on a thread of its own. When the deadline
 * passes or the thread is interrupted, it is killed with all that it has started.
 *
 * @param command program and arguments; no shell is between
 * @param environment makes its variables of those of s3dock itself
 * @param folder where it runs; that of s3dock if empty
 * @param deadline for all of it
 */
public record Program(
    List<String> command, Environment environment, Optional<Path> folder, Duration deadline) {
  /** A deadline for what may take as long as it wants. */
  public static final Duration UNLIMITED = Duration.ofNanos(Long.MAX_VALUE);

  /** How long pipes may stay open after the end: somebody in the background may hold them. */
  private static final Duration PIPES = Duration.ofSeconds(1);

  public Program {
    command = List.copyOf(command);
    if (command.isEmpty() || command.getFirst().isBlank()) {
      throw new IllegalArgumentException("a command line needs a program");
    }
    if (!deadline.isPositive()) {
      throw new IllegalArgumentException("the deadline of `" + command + "` is " + deadline);
    }
  }

  public static Program of(List<String> command, Duration deadline) {
    return new Program(command, ours -> {}, Optional.empty(), deadline);
  }

  /** What the variables of a program are. */
  @FunctionalInterface
  public interface Environment {
    /**
     * Makes them.
     *
     * @param variables those of s3dock itself; to be changed in place
     */
    void applyTo(Map<String, String> variables);

    /** Those of s3dock, and these. */
    static Environment with(Map<String, String> added) {
      Map<String, String> copy = Map.copyOf(added);
      return variables -> variables.putAll(copy);
    }

    /** These and no others. */
    static Environment only(Map<String, String> all) {
      Map<String, String> copy = Map.copyOf(all);
      return variables -> {
        variables.clear();
        variables.putAll(copy);
      };
    }
  }

  /** Takes what a program prints, on a thread of its own. */
  @FunctionalInterface
  public interface PipeReader {
    /**
     * Reads the pipe, which is closed afterwards.
     *
     * @return true if that was enough, so that the program need not go on; it is then told to end
     * @throws IOException if it cannot go on; the program is told to end too
     */
    boolean read(InputStream pipe) throws IOException;
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
    record NotStarted(IOException reason) implements Outcome {}

    /** For a message: what happened, with the program's own words. */
    default String describe() {
      return switch (this) {
        case Ended it -> words(it.errors(), it.output(), "status " + it.status());
        case TimedOut it ->
            words(
                it.errors(),
                it.output(),
                "killed when it had not ended within " + it.deadline().toMillis() + " ms");
        case NotStarted it -> "cannot be started: " + it.reason().getMessage();
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
   * Runs it, and keeps the first {@value Beginning#LIMIT} bytes of what it says on each pipe. Its
   * failure is an outcome, not an exception. Who holds a pipe after its end is not waited for.
   *
   * @throws InterruptedException if the thread was interrupted; the program has been killed
   */
  public Outcome run() throws InterruptedException {
    try {
      return run(new Beginning(), new Beginning(), PIPES);
    } catch (IOException e) {
      throw new IllegalStateException(e); // a beginning tells of it in its text
    }
  }

  /**
   * As {@link #run()}, but hands on all that it prints on standard output while it does, and waits
   * until that has been read to its end. The outcome has the beginning of standard error.
   *
   * @throws IOException what the reader has thrown
   */
  public Outcome run(PipeReader output) throws IOException, InterruptedException {
    return run(output, new Beginning());
  }

  /** As {@link #run(PipeReader)}, for both pipes: the readers are called at the same time. */
  public Outcome run(PipeReader output, PipeReader errors)
      throws IOException, InterruptedException {
    return run(output, errors, UNLIMITED);
  }

  private Outcome run(PipeReader output, PipeReader errors, Duration patience)
      throws IOException, InterruptedException {
    Process process;
    try {
      process = start();
    } catch (IOException e) {
      return new Outcome.NotStarted(e);
    }
    FutureTask<Void> first = drain(process, process.getInputStream(), output);
    FutureTask<Void> second = drain(process, process.getErrorStream(), errors);
    boolean ended = false;
    try {
      ended = process.waitFor(deadline.toNanos(), TimeUnit.NANOSECONDS);
    } finally {
      if (!ended) {
        kill(process);
      }
    }
    settle(first, ended ? patience : PIPES);
    settle(second, ended ? patience : PIPES);
    if (!ended) { // its pipes were closed before their ends
      return new Outcome.TimedOut(deadline, Beginning.of(output), Beginning.of(errors));
    }
    if (first.isDone()) {
      Tasks.await(first);
    }
    if (second.isDone()) {
      Tasks.await(second);
    }
    return new Outcome.Ended(process.exitValue(), Beginning.of(output), Beginning.of(errors));
  }

  private Process start() throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectInput(ProcessBuilder.Redirect.from(nothing()));
    folder.ifPresent(it -> builder.directory(it.toFile()));
    environment.applyTo(builder.environment());
    return builder.start();
  }

  private static File nothing() {
    return new File("/dev/null");
  }

  private static FutureTask<Void> drain(Process process, InputStream pipe, PipeReader reader) {
    FutureTask<Void> task =
        new FutureTask<>(
            () -> {
              boolean stop = true;
              try (pipe) {
                stop = reader.read(pipe);
              } finally {
                if (stop) {
                  process.toHandle().destroy(); // unlike the process, leaves the other pipe open
                }
              }
              return null;
            });
    Thread.startVirtualThread(task);
    return task;
  }

  /** Children first seen, then killed: one whose parent is gone could not be found any more. */
  private static void kill(Process process) {
    List<ProcessHandle> descendants = process.descendants().toList();
    process.destroyForcibly();
    descendants.forEach(ProcessHandle::destroyForcibly);
  }

  private static void settle(FutureTask<Void> reading, Duration patience)
      throws InterruptedException {
    try {
      reading.get(patience.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      // a background process has inherited the pipe; what was said up to now is what counts
    } catch (ExecutionException e) {
      // thrown where the outcome is known
    }
  }
}
