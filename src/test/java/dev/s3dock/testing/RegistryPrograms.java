package dev.s3dock.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Programs that read registries, run by {@code scripts/client}: this machine's, and newer ones of
 * Debian forky. They have a home of their own, with their configuration and logins.
 */
public final class RegistryPrograms {
  private static final Path SCRIPT = Path.of("scripts/client").toAbsolutePath();
  private static final int MINUTES = 15; // a first start makes a Debian tree

  private final Path home;
  private final Map<String, String> environment = new HashMap<>();

  public RegistryPrograms(Path home) {
    this.home = home;
    Path configuration = directory(".config/containers");
    environment.put("HOME", home.toString());
    environment.put("XDG_CACHE_HOME", cache());
    environment.put("DOCKER_CONFIG", directory("docker").toString());
    environment.put("REGISTRY_AUTH_FILE", configuration.resolve("auth.json").toString());
    environment.put("PODMAN_IGNORE_CGROUPSV1_WARNING", "1");
    write(".config/containers/auth.json", "{}");
  }

  /** Where the trees are, whatever the home. */
  private static String cache() {
    String own = System.getenv("XDG_CACHE_HOME");
    return own == null || own.isEmpty() ? System.getenv("HOME") + "/.cache" : own;
  }

  private Path directory(String name) {
    try {
      return Files.createDirectories(home.resolve(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** With one more variable. */
  public RegistryPrograms with(String variable, String value) {
    environment.put(variable, value);
    return this;
  }

  /** Writes a file below their home. */
  public Path write(String name, String text) {
    try {
      Path file = home.resolve(name);
      Files.createDirectories(file.resolveSibling(""));
      return Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What a program did, and printed to each stream. */
  public record Ran(int exitCode, String output, String errors) {
    /** Its output, of one that has succeeded. */
    public String ok() {
      if (exitCode != 0) {
        throw new AssertionError("exit " + exitCode + ": " + output + errors);
      }
      return output;
    }
  }

  /** Runs one to its end. */
  public Ran run(String release, String program, String... arguments) {
    return typing("", release, program, arguments);
  }

  /** The same, with this on its standard input. */
  public Ran typing(String input, String release, String program, String... arguments) {
    try {
      Path output = Files.createTempFile(directory("output"), program, ".txt");
      Path errors = Files.createTempFile(directory("output"), program, ".err");
      Process process = start(output, errors, release, program, arguments);
      process.getOutputStream().write(input.getBytes(UTF_8));
      process.getOutputStream().close();
      if (!process.waitFor(MINUTES, TimeUnit.MINUTES)) {
        process.destroyForcibly();
        throw new AssertionError(program + " does not end: " + Files.readString(errors));
      }
      return new Ran(process.exitValue(), Files.readString(output), Files.readString(errors));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while waiting for " + program, e);
    }
  }

  /** Starts one; what it prints goes to a file. */
  public Process start(Path output, String release, String program, String... arguments)
      throws IOException {
    return start(output, output, release, program, arguments);
  }

  private Process start(
      Path output, Path errors, String release, String program, String... arguments)
      throws IOException {
    List<String> command =
        new ArrayList<>(List.of(SCRIPT.toString(), "--release", release, program));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).directory(home.toFile());
    builder.environment().putAll(environment);
    builder.redirectOutput(output.toFile());
    if (errors.equals(output)) {
      builder.redirectErrorStream(true);
    } else {
      builder.redirectError(errors.toFile());
    }
    return builder.start();
  }
}
