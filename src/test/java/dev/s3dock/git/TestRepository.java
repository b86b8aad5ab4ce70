package dev.s3dock.git;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A real repository, made by git itself, untouched by the settings of whoever runs the tests. */
final class TestRepository {
  private final Path folder;

  private TestRepository(Path folder) {
    this.folder = folder;
  }

  static TestRepository at(Path folder) {
    return new TestRepository(folder);
  }

  static TestRepository init(Path folder, String... options) throws IOException {
    Files.createDirectories(folder);
    TestRepository made = new TestRepository(folder);
    List<String> arguments = new ArrayList<>(List.of("init", "-q", "-b", "main"));
    arguments.addAll(List.of(options));
    made.git(arguments.toArray(String[]::new));
    made.git("config", "user.name", "Test");
    made.git("config", "user.email", "test@example.org");
    return made;
  }

  /** With one committed file, {@code kept.txt}. */
  static TestRepository withCommit(Path folder, String... options) throws IOException {
    TestRepository made = init(folder, options);
    made.write("kept.txt", "one\n").commitAll("2025-07-21T21:18:30+02:00");
    return made;
  }

  Path folder() {
    return folder;
  }

  GitRepository open() {
    return GitRepository.discover(folder);
  }

  TestRepository write(String path, String content) throws IOException {
    Path file = folder.resolve(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, content);
    return this;
  }

  void commitAll(String date) {
    git("add", "-A");
    run(
        Map.of("GIT_COMMITTER_DATE", date, "GIT_AUTHOR_DATE", "2001-01-01T00:00:00Z"),
        true,
        "commit",
        "-q",
        "-m",
        "a commit");
  }

  String git(String... arguments) {
    return run(Map.of(), true, arguments);
  }

  void gitThatFails(String... arguments) {
    run(Map.of(), false, arguments);
  }

  private String run(Map<String, String> environment, boolean succeeds, String... arguments) {
    List<String> command =
        new ArrayList<>(
            List.of("git", "-c", "protocol.file.allow=always", "-c", "commit.gpgSign=false"));
    command.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
    builder.environment().putAll(environment);
    try {
      Process process = builder.start();
      String output = new String(process.getInputStream().readAllBytes(), UTF_8);
      if ((process.waitFor() == 0) != succeeds) {
        throw new AssertionError(command + ": " + output);
      }
      return output.strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
