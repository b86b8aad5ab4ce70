package dev.s3dock.cli.bucket;

import dev.s3dock.cli.User;
import dev.s3dock.testing.Eventually;
import dev.s3dock.testing.engine.Engines.TestEngine;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A server in a process of its own. */
final class ServeProcess implements AutoCloseable {
  private final Process process;
  private final Path output;
  private final URI address;

  private ServeProcess(Process process, Path output) {
    this.process = process;
    this.output = output;
    this.address = Eventually.value("the address of the server", this::printed);
  }

  /** Starts one on a free port, and waits until it listens. */
  static ServeProcess start(User user, int heapMib, Path folder, String... options)
      throws IOException {
    Path output = Files.createTempFile(folder, "serve", ".txt");
    List<String> command = new ArrayList<>(List.of("serve", "--listen", "127.0.0.1:0"));
    command.addAll(List.of(options));
    return new ServeProcess(user.start(heapMib, output, command.toArray(String[]::new)), output);
  }

  /** Starts one on its usual port, in the network of an engine, and waits until it listens. */
  static ServeProcess startIn(TestEngine engine, User user, Path folder) throws IOException {
    Path output = Files.createTempFile(folder, "serve", ".txt");
    return new ServeProcess(user.start(engine.inNetwork(), 128, output, "serve"), output);
  }

  private Optional<URI> printed() throws IOException {
    Optional<URI> found =
        Files.readAllLines(output).stream()
            .filter(line -> line.startsWith("http"))
            .map(URI::create)
            .findFirst();
    if (found.isEmpty() && !process.isAlive()) {
      throw new AssertionError(Files.readString(output));
    }
    return found;
  }

  URI address() {
    return address;
  }

  /** Host and port, as in the name of an image. */
  String registry() {
    return address.getAuthority();
  }

  String output() throws IOException {
    return Files.readString(output);
  }

  /** Asks it to end, and waits for that. */
  int stop() throws InterruptedException {
    process.destroy();
    if (!process.waitFor(2, TimeUnit.MINUTES)) {
      throw new AssertionError("the server does not end");
    }
    return process.exitValue();
  }

  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }
}
