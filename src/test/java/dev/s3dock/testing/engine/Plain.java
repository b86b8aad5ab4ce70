package dev.s3dock.testing.engine;

import dev.s3dock.engine.BuildRequest;
import dev.s3dock.engine.ContainerSpec.Options;
import dev.s3dock.engine.ContextSelection;
import dev.s3dock.engine.SourceDates;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/** What is asked of an engine, with nothing set that need not be. */
public final class Plain {
  private Plain() {}

  /** A build of the context's own {@code Dockerfile}, of files of 1970. */
  public static BuildRequest build(Path context, String reference) {
    return new BuildRequest(
        context,
        context.resolve("Dockerfile"),
        reference,
        Optional.empty(),
        Map.of(),
        Optional.empty(),
        false,
        Map.of(),
        ContextSelection.WORK_TREE,
        SourceDates.of(Instant.EPOCH));
  }

  /** A container as its image has it, without limits. */
  public static Options options() {
    return new Options(
        Map.of(),
        List.of(),
        List.of(),
        List.of(),
        OptionalLong.empty(),
        OptionalDouble.empty(),
        Optional.empty(),
        "no",
        false,
        List.of(),
        Optional.empty(),
        Map.of(),
        Optional.empty());
  }
}
