package dev.s3dock.engine;

import dev.s3dock.testing.FuzzTarget;
import dev.s3dock.testing.Scratch;
import java.nio.file.Path;
import java.util.List;

/** Ignore files of builds. */
public final class IgnoreFuzz {
  private static final List<String> PATHS =
      List.of("a", "a/b/c", "src/main/java/dev/s3dock/cli/Main.java", "x/".repeat(40) + "y");

  private IgnoreFuzz() {}

  public static List<FuzzTarget> targets() {
    return List.of(FuzzTarget.of("ignore-file", EngineException.class, IgnoreFuzz::ignoreFile));
  }

  private static void ignoreFile(byte[] input) throws Exception {
    try (Scratch scratch = Scratch.open()) {
      Path dockerfile = scratch.write("Dockerfile", new byte[0]);
      scratch.write(".dockerignore", input);
      DockerIgnore rules = DockerIgnore.load(scratch.folder(), dockerfile);
      for (String path : PATHS) {
        rules.excludes(path);
        rules.excludesAllBelow(path);
      }
    }
  }
}
