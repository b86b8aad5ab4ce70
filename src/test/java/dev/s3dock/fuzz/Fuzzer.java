package dev.s3dock.fuzz;

import dev.s3dock.testing.FuzzTarget;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** What Jazzer calls; the system property {@code s3dock.fuzz.target} names the target. */
public final class Fuzzer {
  private static final FuzzTarget TARGET =
      Targets.named(System.getProperty("s3dock.fuzz.target", ""));

  private static final int WARM_UP = 20;

  private Fuzzer() {}

  /** Called once at the start: what takes its time at the first input is not to be its fault. */
  public static void fuzzerInitialize() throws IOException {
    try (Stream<Path> seeds = Files.list(Targets.CORPUS.resolve(TARGET.name()))) {
      for (Path seed : seeds.sorted().limit(WARM_UP).toList()) {
        try {
          TARGET.run(Files.readAllBytes(seed));
        } catch (Exception | AssertionError e) {
          // it is going to fail again, where that counts
          return;
        }
      }
    }
  }

  /** Called once for each input. */
  public static void fuzzerTestOneInput(byte[] input) throws Exception {
    TARGET.run(input);
  }
}
