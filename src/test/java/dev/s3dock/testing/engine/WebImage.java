package dev.s3dock.testing.engine;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.s3dock.image.Digest;
import dev.s3dock.testing.engine.Engines.TestEngine;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Images of {@code examples/web}, which no base image has to be pulled for: a runtime out of this
 * JDK and the C libraries that it needs, from scratch. All versions share these layers, and differ
 * by a file of settings, and by a label, so that nobody's image goes with that of somebody else; so
 * the first one in an engine takes some seconds, and every other one hardly any time.
 */
public final class WebImage {
  /** What the app listens on. */
  public static final int PORT = 8080;

  /** The app's own health check, for {@code health.command}. */
  public static final List<String> PROBE =
      List.of("/java/bin/java", "-cp", "/app", "Web", "probe", "http://127.0.0.1:8080/up");

  private static final String BASE = "web-base:1";
  private static final Path SOURCE = Path.of("examples/web/Web.java").toAbsolutePath();
  private static final Path HOME = Path.of("target/web-image").toAbsolutePath();
  private static final Pattern LIBRARY = Pattern.compile("(?:=> )?(/\\S+) \\(0x");

  private static final String DOCKERFILE =
      """
      FROM scratch
      COPY system /
      COPY app /app
      EXPOSE 8080
      CMD ["/java/bin/java", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx64m", "-cp", "/app", "Web"]
      """;

  private WebImage() {}

  /** Builds a version that behaves well. */
  public static String build(TestEngine engine, String reference, String version) {
    return build(engine, reference, Map.of("VERSION", version), "");
  }

  /**
   * Builds one.
   *
   * @param settings of the app, see {@code examples/web/README.md}
   * @param more lines of the Dockerfile, such as a HEALTHCHECK
   * @return the image's ID
   */
  public static String build(
      TestEngine engine, String reference, Map<String, String> settings, String more) {
    try {
      base(engine);
      Path context = Files.createTempDirectory(HOME, "version");
      try {
        StringBuilder lines = new StringBuilder();
        new TreeMap<>(settings).forEach((name, value) -> lines.append(name + "=" + value + "\n"));
        Files.writeString(context.resolve("settings"), lines);
        Files.writeString(
            context.resolve("Dockerfile"),
            "FROM %s\nLABEL made-for=%s\nCOPY settings /app/settings\n%s"
                .formatted(BASE, reference, more));
        return build(engine, context, reference);
      } finally {
        delete(context);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static synchronized void base(TestEngine engine) throws IOException {
    if (engine.engine().inspect(BASE).isEmpty()) {
      build(engine, context(), BASE);
    }
  }

  private static String build(TestEngine engine, Path context, String reference) {
    return engine.engine().build(Plain.build(context, reference), OutputStream.nullOutputStream());
  }

  /** Made once for a JDK and a state of the source; whole as soon as it has its name. */
  private static Path context() throws IOException {
    String key = Runtime.version() + System.getProperty("java.home") + Files.readString(SOURCE);
    Path context =
        HOME.resolve(Digest.of((key + DOCKERFILE).getBytes(UTF_8)).hex().substring(0, 16));
    if (!Files.isDirectory(context)) {
      Files.createDirectories(HOME);
      Path made = Files.createTempDirectory(HOME, "making");
      assemble(made);
      Files.move(made, context);
    }
    return context;
  }

  private static void assemble(Path context) throws IOException {
    Files.writeString(context.resolve("Dockerfile"), DOCKERFILE);
    tool("javac", "-d", context.resolve("app").toString(), SOURCE.toString());
    Path java = context.resolve("system/java");
    tool(
        "jlink",
        "--add-modules=java.base",
        "--strip-java-debug-attributes",
        "--no-header-files",
        "--no-man-pages",
        "--generate-cds-archive", // halves the time to start
        "--output=" + java);
    Files.deleteIfExists(java.resolve("lib/server/classes_nocoops.jsa"));
    delete(java.resolve("legal"));
    for (Path library : libraries(java)) {
      Path copy = context.resolve("system" + library);
      Files.createDirectories(copy.getParent());
      Files.copy(library.toRealPath(), copy);
    }
  }

  /** What the loader would load for its programs and libraries, from outside of the runtime. */
  private static Set<Path> libraries(Path java) throws IOException {
    List<String> command = new ArrayList<>(List.of("ldd", java.resolve("bin/java").toString()));
    try (Stream<Path> files = Files.walk(java.resolve("lib"))) {
      files
          .filter(file -> file.toString().endsWith(".so"))
          .map(Path::toString)
          .forEach(command::add);
    }
    Set<Path> libraries = new TreeSet<>();
    Matcher matcher = LIBRARY.matcher(run(command));
    while (matcher.find()) {
      Path library = Path.of(matcher.group(1));
      if (!library.normalize().startsWith(java)) {
        libraries.add(library);
      }
    }
    return libraries;
  }

  /** In a process of its own: jlink lets another one write to what would be ours. */
  private static void tool(String name, String... arguments) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", name).toString(),
                "-J-XX:TieredStopAtLevel=1"));
    command.addAll(List.of(arguments));
    run(command);
  }

  private static String run(List<String> command) throws IOException {
    Path output = Files.createTempFile(HOME, "out", ".txt");
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      boolean ended = process.waitFor(5, TimeUnit.MINUTES);
      process.destroyForcibly();
      String text = Files.readString(output);
      if (!ended || process.exitValue() != 0) {
        throw new AssertionError(String.join(" ", command) + " failed: " + text);
      }
      return text;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    } finally {
      Files.delete(output);
    }
  }

  private static void delete(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return;
    }
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes facts)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException failure)
              throws IOException {
            Files.delete(visited);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
