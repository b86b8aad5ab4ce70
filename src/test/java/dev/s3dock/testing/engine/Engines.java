package dev.s3dock.testing.engine;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.s3dock.engine.BuildRequest;
import dev.s3dock.engine.ContextSelection;
import dev.s3dock.engine.SourceDates;
import dev.s3dock.engine.docker.DockerEngine;
import dev.s3dock.image.Platform;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Real engines for tests, each started at its first use and stopped when the JVM ends. A test that
 * asks for one which cannot be started fails with the reason: nothing is skipped.
 */
public final class Engines {
  private static final Path SCRIPT = Path.of("scripts/engine").toAbsolutePath();
  private static final Path HOME = Path.of("target/engines").toAbsolutePath();
  private static final String HOST = "host";
  private static final String TRIXIE = "trixie";
  private static final String FORKY = "forky";
  private static final Duration TIMEOUT = Duration.ofMinutes(2);
  private static final int SCRIPT_MINUTES = 15; // a first start makes a Debian tree

  private Engines() {}

  /** Docker 20.10, the graph-driver store (overlay2). */
  public static TestEngine docker20() {
    return Docker20.ENGINE;
  }

  /** Docker 26, the containerd image store. */
  public static TestEngine docker26() {
    return Docker26.ENGINE;
  }

  /**
   * Docker 20.10 whose containers this JVM can talk to: at their addresses, and at what they
   * publish on 127.0.0.1. Such an engine shares the ports of the machine; the others do not.
   */
  public static TestEngine reachable20() {
    return Reachable20.ENGINE;
  }

  /** Docker 26, reachable in the same way. */
  public static TestEngine reachable26() {
    return Reachable26.ENGINE;
  }

  /** One more, empty engine of the same kind as {@link #docker20()}; the test closes it. */
  public static TestEngine another20(String name) {
    return TestEngine.start(name, new Kind(HOST, false));
  }

  /** One more, empty engine of the same kind as {@link #docker26()}; the test closes it. */
  public static TestEngine another26(String name) {
    return TestEngine.start(name, new Kind(TRIXIE, false));
  }

  /** One more, empty engine of the same kind as {@link #reachable20()}; the test closes it. */
  public static TestEngine anotherReachable20(String name) {
    return TestEngine.start(name, new Kind(HOST, true));
  }

  /** One more, empty engine of the same kind as {@link #reachable26()}; the test closes it. */
  public static TestEngine anotherReachable26(String name) {
    return TestEngine.start(name, new Kind(TRIXIE, true));
  }

  /**
   * An empty Docker 28, or what Debian forky has by now, in a network of its own; the test closes
   * it.
   *
   * @param store classic (overlay2) or containerd
   */
  public static TestEngine another28(String name, String store) {
    return TestEngine.start(name, new Kind(FORKY, store, false));
  }

  /** The same, reachable as {@link #reachable20()} is. */
  public static TestEngine anotherReachable28(String name, String store) {
    return TestEngine.start(name, new Kind(FORKY, store, true));
  }

  /** A reachable engine of this kind (host or trixie) whose disk is full after so many MiB. */
  public static TestEngine withSmallDisk(String name, String release, int mebibytes) {
    Path folder = HOME.resolve(name);
    stopIn(folder);
    Path data = folder.resolve("data");
    try {
      Files.createDirectories(data);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    String size = "size=" + mebibytes + "m";
    run(List.of("mount", "-t", "tmpfs", "-o", size, "tmpfs", data.toString()), Map.of());
    Kind kind = new Kind(release, true);
    return new TestEngine(folder, kind, startIn(folder, kind), List.of("umount", data.toString()));
  }

  /** A statically linked busybox: all that a {@code FROM scratch} image needs. */
  public static Path busybox() {
    return Path.of(run(List.of(SCRIPT.toString(), "busybox"), Map.of()));
  }

  /** The program skopeo, which reads and copies images without an engine. */
  public static Path skopeo() {
    return Path.of(run(List.of(SCRIPT.toString(), "skopeo"), Map.of()));
  }

  /** The program zstd, which tar calls too. */
  public static Path zstd() {
    return Path.of(run(List.of(SCRIPT.toString(), "zstd"), Map.of()));
  }

  /** The library libdeflate. */
  public static Path libdeflate() {
    return Path.of(run(List.of(SCRIPT.toString(), "libdeflate"), Map.of()));
  }

  /**
   * Makes a context in this folder: a busybox that serves {@code page} on port 8080, and any
   * further files put there by the caller. The page makes images differ.
   */
  public static Path helloContext(Path folder, String page) {
    try {
      Files.createDirectories(folder.resolve("www"));
      Files.copy(busybox(), folder.resolve("busybox"), StandardCopyOption.REPLACE_EXISTING);
      Files.writeString(folder.resolve("www/index.html"), page);
      Files.writeString(
          folder.resolve("Dockerfile"),
          """
          FROM scratch
          COPY busybox /bin/busybox
          COPY www /www
          CMD ["/bin/busybox", "httpd", "-f", "-p", "8080", "-h", "/www"]
          """);
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static final class Docker20 {
    static final TestEngine ENGINE = another20("docker20");
  }

  private static final class Docker26 {
    static final TestEngine ENGINE = another26("docker26");
  }

  private static final class Reachable20 {
    static final TestEngine ENGINE = anotherReachable20("reachable20");
  }

  private static final class Reachable26 {
    static final TestEngine ENGINE = anotherReachable26("reachable26");
  }

  /**
   * How an engine is started.
   *
   * @param release as in {@code scripts/engine}
   * @param store as there; empty for the usual one of the release
   * @param reachable false for a network of its own
   */
  record Kind(String release, String store, boolean reachable) {
    Kind(String release, boolean reachable) {
      this(release, "", reachable);
    }
  }

  /** A running engine and a connection to it. */
  public static final class TestEngine implements AutoCloseable {
    private final Path folder;
    private final Kind kind;
    private final String dockerHost;
    private final List<String> afterwards;
    private final DockerEngine engine;
    private final Thread atExit = new Thread(this::stop);

    private TestEngine(Path folder, Kind kind, String dockerHost, List<String> afterwards) {
      this.folder = folder;
      this.kind = kind;
      this.dockerHost = dockerHost;
      this.afterwards = afterwards;
      this.engine = DockerEngine.connect(environment(), TIMEOUT);
      Runtime.getRuntime().addShutdownHook(atExit);
    }

    static TestEngine start(String name, Kind kind) {
      Path folder = HOME.resolve(name);
      stopIn(folder);
      return new TestEngine(folder, kind, startIn(folder, kind), List.of());
    }

    /** Stops the engine and keeps what it holds; its containers end with it. */
    public void down() {
      run(List.of(SCRIPT.toString(), "stop", "--dir", folder.toString()), Map.of());
    }

    /**
     * Kills the engine, with its containers, as a power cut would; it keeps what is on its disk.
     */
    public void kill() {
      try {
        String pid = Files.readString(folder.resolve("engine.pid")).split(" ")[0];
        ProcessHandle engine = ProcessHandle.of(Long.parseLong(pid)).orElseThrow();
        engine.destroyForcibly();
        engine.onExit().join();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    /** Starts the engine again after {@link #down} or {@link #kill}. */
    public void up() {
      startIn(folder, kind);
    }

    /**
     * Lays a cable to another engine; both have networks of their own, and get 10.214.0.1 and .2.
     */
    public void connect(TestEngine other) {
      String there = other.folder.toString();
      run(
          List.of(SCRIPT.toString(), "connect", "--dir", folder.toString(), "--to", there),
          Map.of());
    }

    /** What stands before a command that is to run in the engine's own network. */
    public List<String> inNetwork() {
      return List.of(SCRIPT.toString(), "in-network", "--dir", folder.toString());
    }

    /** Where it keeps its images and containers. */
    public Path data() {
      return folder.resolve("data");
    }

    /** As in {@code DOCKER_HOST}. */
    public String dockerHost() {
      return dockerHost;
    }

    /** A connection that builds with the engine's own builder. */
    public DockerEngine engine() {
      return engine;
    }

    /** Environment of a user who has this engine, and a docker program without plugins. */
    public Map<String, String> environment() {
      Map<String, String> environment = new HashMap<>(System.getenv());
      environment
          .keySet()
          .removeIf(name -> name.startsWith("DOCKER_") || name.startsWith("BUILDX_"));
      environment.put("DOCKER_HOST", dockerHost);
      environment.put("DOCKER_CONFIG", folder.resolve("no-plugins").toString());
      return environment;
    }

    /** The same, but the docker program has BuildKit. */
    public Map<String, String> environmentWithBuildx() {
      Map<String, String> environment = environment();
      environment.put(
          "DOCKER_CONFIG",
          run(List.of(SCRIPT.toString(), "buildx", "--dir", folder.toString()), Map.of()));
      return environment;
    }

    /** Runs the docker program against this engine, and returns what it printed. */
    public String docker(String... arguments) {
      List<String> command = new ArrayList<>(List.of("docker"));
      command.addAll(List.of(arguments));
      return run(command, environment());
    }

    /** Builds the image of {@link Engines#helloContext}; the ID comes back. */
    public String helloImage(Path folder, String reference, String page) {
      return engine.build(
          Plain.build(helloContext(folder, page), reference), OutputStream.nullOutputStream());
    }

    /** The same for another platform; the program inside stays this machine's. */
    public String helloImage(Path folder, String reference, String page, Platform platform) {
      Path context = helloContext(folder, page);
      return engine.build(
          new BuildRequest(
              context,
              context.resolve("Dockerfile"),
              reference,
              Optional.of(platform),
              Map.of(),
              Optional.empty(),
              false,
              Map.of(),
              ContextSelection.WORK_TREE,
              SourceDates.of(Instant.EPOCH)),
          OutputStream.nullOutputStream());
    }

    /** Stops the engine and removes what it holds. */
    @Override
    public void close() {
      stop();
      Runtime.getRuntime().removeShutdownHook(atExit);
    }

    private void stop() {
      engine.close();
      if (!afterwards.isEmpty()) {
        run(List.of(SCRIPT.toString(), "stop", "--dir", folder.toString()), Map.of());
        run(afterwards, Map.of());
      }
      stopIn(folder);
    }
  }

  private static String startIn(Path folder, Kind kind) {
    List<String> command =
        new ArrayList<>(List.of(SCRIPT.toString(), "start", "--dir", folder.toString()));
    command.addAll(List.of("--release", kind.release()));
    if (!kind.store().isEmpty()) {
      command.addAll(List.of("--store", kind.store()));
    }
    if (!kind.reachable()) {
      command.add("--isolated-network");
    }
    return run(command, Map.of());
  }

  private static void stopIn(Path folder) {
    run(List.of(SCRIPT.toString(), "stop", "--dir", folder.toString(), "--purge"), Map.of());
  }

  /** Standard output goes to a file: a daemon that inherits a pipe would keep it open. */
  private static String run(List<String> command, Map<String, String> environment) {
    try {
      Files.createDirectories(HOME);
      File output = Files.createTempFile(HOME, "out", ".txt").toFile();
      File errors = Files.createTempFile(HOME, "err", ".txt").toFile();
      try {
        ProcessBuilder builder =
            new ProcessBuilder(command)
                .redirectInput(new File("/dev/null"))
                .redirectOutput(output)
                .redirectError(errors);
        if (!environment.isEmpty()) {
          builder.environment().clear();
          builder.environment().putAll(environment);
        }
        Process process = builder.start();
        boolean ended = process.waitFor(SCRIPT_MINUTES, TimeUnit.MINUTES);
        process.destroyForcibly();
        if (!ended || process.exitValue() != 0) {
          throw new AssertionError(
              "%s failed: %s"
                  .formatted(String.join(" ", command), Files.readString(errors.toPath(), UTF_8)));
        }
        return Files.readString(output.toPath(), UTF_8).strip();
      } finally {
        Files.delete(output.toPath());
        Files.delete(errors.toPath());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while waiting for " + command, e);
    }
  }
}
