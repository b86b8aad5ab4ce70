package dev.s3dock.git;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.s3dock.git.GitException.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/** Runs {@code git} in a folder. */
final class GitProgram {
  /** Generous, because a first status of a large repository on a slow disk takes minutes. */
  private static final Duration DEADLINE = Duration.ofMinutes(10);

  /**
   * What a hook or an alias sets to tie git to one repository ({@code git rev-parse
   * --local-env-vars}). The folder has to decide instead. The {@code GIT_CONFIG…} variables stay:
   * they are how a CI system trusts a folder.
   */
  private static final List<String> TIES_TO_A_REPOSITORY =
      List.of(
          "GIT_DIR",
          "GIT_WORK_TREE",
          "GIT_INDEX_FILE",
          "GIT_COMMON_DIR",
          "GIT_PREFIX",
          "GIT_NAMESPACE",
          "GIT_OBJECT_DIRECTORY",
          "GIT_ALTERNATE_OBJECT_DIRECTORIES",
          "GIT_IMPLICIT_WORK_TREE",
          "GIT_SHALLOW_FILE",
          "GIT_GRAFT_FILE");

  private static final Executor VIRTUAL = Thread::startVirtualThread;

  private final String program;
  private final Path folder;

  GitProgram(String program, Path folder) {
    this.program = program;
    this.folder = folder;
  }

  String program() {
    return program;
  }

  /** What git answered. */
  record Result(List<String> command, Path folder, int status, String text, String error) {
    boolean succeeded() {
      return status == 0;
    }

    /** Without the one line end that git adds: what it ends may itself hold some. */
    public String line() {
      return text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
    }

    Result orThrow() {
      if (!succeeded()) {
        throw failure();
      }
      return this;
    }

    GitException failure() {
      return new GitException(
          Kind.FAILED,
          "`%s` failed in %s with status %d: %s"
              .formatted(String.join(" ", command), folder, status, error.strip()));
    }
  }

  /** Takes what git prints. */
  interface Reader {
    /**
     * @return true if that was enough, so that git need not go on
     */
    boolean read(InputStream output) throws IOException;
  }

  Result run(String... arguments) {
    List<String> command = command(List.of(arguments));
    Process process = start(command);
    try {
      CompletableFuture<String> text = drain(process.getInputStream());
      CompletableFuture<String> error = drain(process.getErrorStream());
      waitFor(process, command);
      return new Result(command, folder, process.exitValue(), text.join(), error.join());
    } finally {
      process.destroyForcibly();
    }
  }

  /** Hands on what git prints while it works. */
  void read(List<String> arguments, Reader reader) {
    List<String> command = command(arguments);
    Process process = start(command);
    try {
      CompletableFuture<Boolean> enough =
          CompletableFuture.supplyAsync(() -> read(process, reader), VIRTUAL);
      CompletableFuture<String> error = drain(process.getErrorStream());
      waitFor(process, command);
      if (!enough.join()) {
        new Result(command, folder, process.exitValue(), "", error.join()).orThrow();
      }
    } catch (CompletionException e) {
      throw new GitException(
          Kind.FAILED,
          "cannot read what `%s` in %s prints: %s"
              .formatted(String.join(" ", command), folder, e.getCause()),
          e);
    } finally {
      process.destroyForcibly();
    }
  }

  private static boolean read(Process process, Reader reader) {
    boolean stop = true;
    try (InputStream output = process.getInputStream()) {
      stop = reader.read(output);
      return stop;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      if (stop) {
        process.destroy();
      }
    }
  }

  private List<String> command(List<String> arguments) {
    List<String> command = new ArrayList<>(List.of(program));
    command.addAll(arguments);
    return List.copyOf(command);
  }

  private Process start(List<String> command) {
    ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
    prepare(builder.environment());
    try {
      return builder.start();
    } catch (IOException e) {
      throw new GitException(
          Kind.NO_GIT, "cannot run git (%s): install it".formatted(e.getMessage()), e);
    }
  }

  private static void prepare(Map<String, String> environment) {
    TIES_TO_A_REPOSITORY.forEach(environment::remove);
    environment.put("GIT_OPTIONAL_LOCKS", "0"); // a status beside the user's own git must not race
    environment.put("GIT_TERMINAL_PROMPT", "0");
    environment.put("LC_ALL", "C"); // errors are told apart by their text
    environment.remove("LANGUAGE");
  }

  private void waitFor(Process process, List<String> command) {
    try {
      process.getOutputStream().close();
      if (!process.waitFor(DEADLINE.toSeconds(), TimeUnit.SECONDS)) {
        throw new GitException(
            Kind.FAILED,
            "`%s` in %s did not end within %d minutes"
                .formatted(String.join(" ", command), folder, DEADLINE.toMinutes()));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new GitException(Kind.FAILED, "interrupted while waiting for git", e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static CompletableFuture<String> drain(InputStream pipe) {
    return CompletableFuture.supplyAsync(
        () -> {
          try (pipe) {
            return new String(pipe.readAllBytes(), UTF_8);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        },
        VIRTUAL);
  }
}
