package dev.s3dock.git;

import static dev.s3dock.testing.FuzzTarget.require;

import dev.s3dock.testing.FuzzTarget;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** What git prints. */
public final class GitFuzz {
  private GitFuzz() {}

  public static List<FuzzTarget> targets() {
    return List.of(FuzzTarget.of("git-status", GitException.class, GitFuzz::status));
  }

  private static void status(byte[] input) {
    for (Change change : StatusParser.parse(new String(input, StandardCharsets.UTF_8))) {
      require(!change.path().isEmpty(), "a change of nothing");
    }
  }
}
