package dev.s3dock.doctor;

import dev.s3dock.engine.Engine;
import dev.s3dock.engine.EngineException;
import dev.s3dock.engine.EngineInfo;
import dev.s3dock.image.Printable;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The checks of a container engine.
 *
 * @param needed true if the role works with one
 */
public record EngineChecks(Supplier<Connection> connect, boolean needed) {
  private static final String CHECK = "engine";

  /**
   * A way to an engine.
   *
   * @param address for people
   * @param local true if the engine's folders are on this machine
   * @param buildKit true if a build would go through BuildKit
   */
  public record Connection(
      Engine engine, String address, boolean local, BooleanSupplier buildKit) {}

  /** Whether it is there, who it is, how it builds, and what room it has. */
  public Check check() {
    return new Check(
        CHECK,
        message -> new EngineException(EngineException.Kind.UNAVAILABLE, message),
        this::run);
  }

  private void run(Consumer<CheckResult> report) {
    Connection connection;
    EngineInfo info;
    try {
      connection = connect.get();
      info = connection.engine().info();
    } catch (EngineException e) {
      report.accept(CheckResult.problem(CHECK, e, needed));
      return;
    }
    report.accept(CheckResult.ok(CHECK, words(connection, info)));
    if (!needed) {
      return;
    }
    report.accept(
        connection.buildKit().getAsBoolean()
            ? CheckResult.ok("buildkit", "builds use BuildKit")
            : CheckResult.warning(
                "buildkit",
                "no docker program with the buildx plugin on the PATH, so builds use the engine's own builder; install docker-buildx"));
    if (connection.local()) {
      room(info.dataRoot(), report);
    }
  }

  private static String words(Connection connection, EngineInfo info) {
    String store =
        switch (info.imageStore()) {
          case CONTAINERD -> "containerd image store";
          case GRAPH_DRIVER -> "image store " + Printable.of(info.driver());
        };
    return "%s at %s, API %s, %s, %s"
        .formatted(
            Printable.of(info.version()),
            connection.address(),
            Printable.of(info.apiVersion()),
            info.platform(),
            store);
  }

  /** The folder may be out of sight: the engine may have a file system of its own. */
  static void room(String dataRoot, Consumer<CheckResult> report) {
    try {
      Path folder = Path.of(dataRoot);
      if (folder.isAbsolute() && Files.isDirectory(folder)) {
        report.accept(DiskSpace.of("engine's disk", folder, true));
      }
    } catch (InvalidPathException e) {
      // then there is nothing to measure
    }
  }
}
