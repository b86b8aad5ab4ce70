package dev.s3dock.cli;

import dev.s3dock.testing.Scratch;
import dev.s3dock.testing.engine.ImageSpec;
import dev.s3dock.testing.engine.TestImages;
import dev.s3dock.testing.store.S3Server;
import dev.s3dock.testing.store.S3Servers;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * s3dock for processes of its own: a jar of what was compiled, with an ahead-of-time cache as users
 * have one ({@code docs/start.md}), which halves what a start costs. Made once, when it is first
 * asked for; it goes with the JVM.
 */
final class Program {
  static final Path JAVA = Path.of(System.getProperty("java.home"), "bin", "java");

  /** Those that the cache depends on. */
  private static final List<String> FIXED =
      List.of("-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED");

  /** Without an engine: most of the classes. */
  private static final List<String> COMMANDS =
      List.of(
          "list apps",
          "push IMAGE --from FILE",
          "tag IMAGE v1.0.0",
          "promote my-app v1.0.0 production",
          "current my-app production",
          "list images my-app",
          "pull my-app production --to FILE.gz",
          "audit my-app",
          "status");

  private static final List<String> OPTIONS = made();

  private Program() {}

  /** Options of {@link #JAVA}, but for the heap; the main class comes after them. */
  static List<String> options() {
    return OPTIONS;
  }

  private static List<String> made() {
    try {
      Path folder = Scratch.untilExit("program");
      Path cache = folder.resolve("program.aot");
      String classPath = jar(folder) + File.pathSeparator + libraries();
      train(folder, List.of("-XX:AOTCacheOutput=" + cache, "-cp", classPath));
      return Stream.of(
              FIXED.stream(),
              Stream.of("-XX:AOTCache=" + cache, "-XX:CompileThresholdScaling=4", "-cp", classPath))
          .flatMap(it -> it)
          .toList();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static Stream<String> classPath() {
    return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator));
  }

  private static String libraries() {
    return classPath()
        .filter(it -> !Files.isDirectory(Path.of(it)))
        .collect(Collectors.joining(File.pathSeparator));
  }

  private static Path jar(Path folder) {
    Path jar = folder.resolve("program.jar");
    String classes =
        classPath()
            .filter(it -> Files.exists(Path.of(it, "dev/s3dock/cli/Main.class")))
            .findFirst()
            .orElseThrow();
    int code =
        ToolProvider.findFirst("jar")
            .orElseThrow()
            .run(System.out, System.err, "-cf", jar.toString(), "-C", classes, ".");
    if (code != 0) {
      throw new AssertionError("jar ended with " + code);
    }
    return jar;
  }

  private static List<String> commands(Path folder) {
    String reference = "my-app:20250721-2118-f7a5a27";
    Path image = TestImages.dockerSave(folder.resolve("image"), ImageSpec.small(), reference);
    return COMMANDS.stream()
        .map(it -> it.replace("IMAGE", reference).replace("FILE", image.toString()) + " ;")
        .flatMap(it -> Stream.of(it.split(" ")))
        .toList();
  }

  private static void train(Path folder, List<String> options) throws IOException {
    S3Server server = S3Servers.s3Mock();
    Path output = folder.resolve("training.log");
    ProcessBuilder training =
        new ProcessBuilder(
                Stream.of(
                        Stream.of(JAVA.toString()),
                        FIXED.stream(),
                        options.stream(),
                        Stream.of("dev.s3dock.cli.Training"),
                        commands(folder).stream())
                    .flatMap(it -> it)
                    .toList())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    training
        .environment()
        .putAll(
            Map.of(
                "HOME", folder.toString(),
                "S3DOCK_BUCKET", S3Servers.newBucket(server),
                "AWS_ENDPOINT_URL", server.endpoint().toString(),
                "AWS_REGION", server.region(),
                "AWS_ACCESS_KEY_ID", server.accessKey(),
                "AWS_SECRET_ACCESS_KEY", server.secretKey()));
    Process process = training.start();
    try {
      if (!process.waitFor(10, TimeUnit.MINUTES) || process.exitValue() != 0) {
        throw new AssertionError("no ahead-of-time cache: " + Files.readString(output));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    } finally {
      process.destroyForcibly();
    }
  }
}
