package dev.s3dock.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/** A folder for a while, in memory where the machine has such a place. */
public record Scratch(Path folder) implements AutoCloseable {
  private static final Path MEMORY = Path.of("/dev/shm");

  /** Makes one. */
  public static Scratch open() {
    try {
      return new Scratch(
          Files.isWritable(MEMORY)
              ? Files.createTempDirectory(MEMORY, "s3dock-test-")
              : Files.createTempDirectory("s3dock-test-"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A folder on the disk that goes with the JVM. */
  public static Path untilExit(String name) {
    try {
      Scratch scratch = new Scratch(Files.createTempDirectory("s3dock-" + name));
      Runtime.getRuntime().addShutdownHook(new Thread(scratch::remove));
      return scratch.folder;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void remove() {
    try {
      close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Writes a file in it, with the folders above it. */
  public Path write(String name, byte[] content) throws IOException {
    Path file = folder.resolve(name);
    Path parent = file.resolveSibling("");
    Files.createDirectories(parent);
    return Files.write(file, content);
  }

  @Override
  public void close() throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path); // a server may be at work until its own end
      }
    }
  }
}
