package dev.s3dock.git;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.s3dock.git.GitException.Kind;
import dev.s3dock.image.FailureWords;
import dev.s3dock.process.Program;
import dev.s3dock.process.Program.Outcome;
import dev.s3dock.process.Program.PipeReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

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

  private final String program;
  private final Path folder;
  private final Map<String, String> variables;

  GitProgram(String program, Path folder) {
    this(program, folder, Map.of());
  }

  private GitProgram(String program, Path folder, Map<String, String> variables) {
    this.program = program;
    this.folder = folder;
    this.variables = variables;
  }

  /** The same in another folder. */
  GitProgram in(Path other) {
    return new GitProgram(program, other, variables);
  }

  /** The same with an index of its own. */
  GitProgram withIndex(Path index) {
    return new GitProgram(program, folder, Map.of("GIT_INDEX_FILE", index.toString()));
  }

  Path folder() {
    return folder;
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

  /** All that git answers to this. */
  Result run(String... arguments) {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    return run(
        List.of(arguments),
        output -> {
          output.transferTo(text);
          return false;
        },
        text);
  }

  /** Hands on what git prints while it works. */
  void read(List<String> arguments, PipeReader reader) {
    AtomicBoolean enough = new AtomicBoolean();
    Result result =
        run(
            arguments,
            output -> {
              enough.set(reader.read(output));
              return enough.get();
            },
            new ByteArrayOutputStream());
    if (!enough.get()) {
      result.orThrow();
    }
  }

  private Result run(List<String> arguments, PipeReader reader, ByteArrayOutputStream text) {
    List<String> command = new ArrayList<>(List.of(program));
    command.addAll(arguments);
    Program git = new Program(command, this::prepare, Optional.of(folder), DEADLINE);
    return switch (outcome(git, reader)) {
      case Outcome.Ended it ->
          new Result(command, folder, it.status(), text.toString(UTF_8), it.errors());
      case Outcome.TimedOut _ ->
          throw new GitException(
              Kind.FAILED,
              "%s in %s did not end within %d minutes"
                  .formatted(git, folder, DEADLINE.toMinutes()));
      case Outcome.NotStarted it ->
          throw new GitException(
              Kind.NO_GIT,
              "cannot run git: install it, so that it is found in PATH and may be run",
              it.reason());
    };
  }

  private Outcome outcome(Program git, PipeReader reader) {
    try {
      return git.run(reader);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new GitException(Kind.FAILED, "interrupted while waiting for git", e);
    } catch (IOException | RuntimeException e) {
      throw new GitException(
          Kind.FAILED,
          "cannot read what %s in %s prints: %s".formatted(git, folder, FailureWords.of(e)),
          e);
    }
  }

  private void prepare(Map<String, String> environment) {
    TIES_TO_A_REPOSITORY.forEach(environment::remove);
    environment.putAll(variables);
    environment.put("GIT_NO_REPLACE_OBJECTS", "1"); // a commit is what its hash says
    environment.put("GIT_OPTIONAL_LOCKS", "0"); // a status beside the user's own git must not race
    environment.put("GIT_TERMINAL_PROMPT", "0");
    environment.put("LC_ALL", "C"); // errors are told apart by their text
    environment.remove("LANGUAGE");
  }
}
