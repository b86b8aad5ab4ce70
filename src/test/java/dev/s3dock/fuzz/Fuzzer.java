package dev.s3dock.fuzz;

import dev.s3dock.testing.FuzzTarget;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** What Jazzer calls; the system property {@code s3dock.fuzz.target} names the target. */
public final class Fuzzer {
  private static final String NAME = System.getProperty("s3dock.fuzz.target", "");
  private static final String ALL = "all";
  private static final List<FuzzTarget> TARGETS =
      NAME.equals(ALL) ? Targets.all() : List.of(Targets.named(NAME));

  private static final int WARM_UP = 20;

  private Fuzzer() {}

  /** Called once at the start: what takes its time at the first input is not to be its fault. */
  public static void fuzzerInitialize() throws IOException {
    for (FuzzTarget target : TARGETS) {
      try (Stream<Path> seeds = Files.list(Targets.CORPUS.resolve(target.name()))) {
        for (Path seed : seeds.sorted().limit(WARM_UP).toList()) {
          warmUp(target, Files.readAllBytes(seed));
        }
      }
    }
  }

  private static void warmUp(FuzzTarget target, byte[] seed) {
    try {
      target.run(seed);
    } catch (Exception | AssertionError e) {
      // it is going to fail again, where that counts
      return;
    }
  }

  /** Called once for each input; with all targets, its first byte is the number of one. */
  public static void fuzzerTestOneInput(byte[] input) throws Exception {
    if (!NAME.equals(ALL)) {
      TARGETS.getFirst().run(input);
    } else if (input.length > 0) {
      int number = (input[0] & 0xff) % TARGETS.size();
      TARGETS.get(number).run(Arrays.copyOfRange(input, 1, input.length));
    }
  }
}
