package dev.s3dock.fuzz;

import dev.s3dock.testing.FuzzTarget;

/** What Jazzer calls; the system property {@code s3dock.fuzz.target} names the target. */
public final class Fuzzer {
  private static final FuzzTarget TARGET =
      Targets.named(System.getProperty("s3dock.fuzz.target", ""));

  private Fuzzer() {}

  /** Called once for each input. */
  public static void fuzzerTestOneInput(byte[] input) throws Exception {
    TARGET.run(input);
  }
}
