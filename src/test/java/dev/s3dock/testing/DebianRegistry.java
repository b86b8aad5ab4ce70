package dev.s3dock.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * Debian's docker-registry on a free port of 127.0.0.1, with its files in a folder of the test.
 * {@code scripts/registry} installs it.
 */
public final class DebianRegistry implements AutoCloseable {
  private static final Path SCRIPT = Path.of("scripts/registry").toAbsolutePath();
  private static final int INSTALL_MINUTES = 10;

  /** Of {@link PlantedSecrets#REGISTRY_PASSWORD}, by bcrypt, the only hash that it takes. */
  private static final String HASH = "$2y$05$abcdefghijklmnopqrstuuvByqjQrmbK52nXmxeVMAMtcjOFqZFz2";

  public static final String USER = "ci";

  private final Process process;
  private final int port;

  private DebianRegistry(Process process, int port) {
    this.process = process;
    this.port = port;
  }

  /** One that everybody may write to. */
  public static DebianRegistry open(Path folder) {
    return start(folder, "");
  }

  /** One that wants {@link #USER} and {@link PlantedSecrets#REGISTRY_PASSWORD}. */
  public static DebianRegistry withPassword(Path folder) {
    try {
      Path file = Files.createDirectories(folder).resolve("htpasswd");
      Files.writeString(file, USER + ":" + HASH + "\n");
      return start(folder, "auth: {htpasswd: {realm: test, path: %s}}\n".formatted(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static DebianRegistry start(Path folder, String more) {
    try {
      int port = LoadBalancers.freePort();
      Path file = Files.createDirectories(folder).resolve("config.yml");
      Files.writeString(
          file,
          """
          version: 0.1
          log: {level: error}
          storage:
            filesystem: {rootdirectory: %s}
          http: {addr: "127.0.0.1:%d", relativeurls: true, secret: test}
          """
                  .formatted(folder.resolve("data"), port)
              + more);
      Process process =
          new ProcessBuilder(program(folder), "serve", file.toString())
              .redirectInput(new File("/dev/null"))
              .redirectErrorStream(true)
              .redirectOutput(folder.resolve("log").toFile())
              .start();
      DebianRegistry registry = new DebianRegistry(process, port);
      Eventually.holds("docker-registry listens", () -> LoadBalancers.accepts(port));
      return registry;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String program(Path folder) throws IOException {
    Path log = folder.resolve("install.log");
    Process install =
        new ProcessBuilder(SCRIPT.toString(), "install")
            .redirectInput(new File("/dev/null"))
            .redirectError(log.toFile())
            .start();
    String path = new String(install.getInputStream().readAllBytes(), UTF_8).strip();
    try {
      if (!install.waitFor(INSTALL_MINUTES, TimeUnit.MINUTES) || install.exitValue() != 0) {
        throw new AssertionError("docker-registry cannot be installed: " + Files.readString(log));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while installing docker-registry", e);
    }
    return path;
  }

  public URI endpoint() {
    return URI.create("http://127.0.0.1:" + port);
  }

  /** Host and port, as they stand in the name of an image. */
  public String name() {
    return "127.0.0.1:" + port;
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(1, TimeUnit.MINUTES)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
