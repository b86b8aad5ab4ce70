package dev.s3dock.cli.fault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.cli.ExitCode;
import dev.s3dock.cli.User;
import dev.s3dock.testing.engine.ImageSpec;
import dev.s3dock.testing.engine.TestImages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;

/**
 * Commands in processes of their own on one folder store, each killed by SIGKILL at a moment that
 * is drawn by lot. Every store call in between is met in {@code CrashTest} and {@code
 * PushCrashTest}.
 */
class KilledCommandsTest {
  private static final String FIRST = "my-app:20250620-1045-def5678";
  private static final String SECOND = "my-app:20250721-2118-f7a5a27";
  private static final int ROUNDS = 4;

  @TempDir Path folder;
  private final Random random = new Random(5);

  private Path image(String reference, int change) {
    return TestImages.dockerSave(
        folder.resolve("image" + change + ".tar"),
        ImageSpec.small().withFile("data", new byte[4 << 20]).withFile("etc/motd", "" + change),
        reference);
  }

  private static String tag(String reference) {
    return reference.substring(reference.indexOf(':') + 1);
  }

  @Test
  void whatever_is_killed_the_store_is_sound_and_the_next_command_works(TestReporter reporter)
      throws Exception {
    Path store = folder.resolve("store");
    User user = new User(folder).with("S3DOCK_BUCKET", store.toUri().toString());
    user.s3dock("push", FIRST, "--from", image(FIRST, 0).toString()).ok();
    user.s3dock("push", SECOND, "--from", image(SECOND, 1).toString()).ok();
    user.s3dock("tag", FIRST, "v1.0.0").ok();
    user.s3dock("promote", FIRST, "production").ok();
    int killed = 0;
    for (int round = 0; round < ROUNDS; round++) {
      String target = round % 2 == 0 ? SECOND : FIRST;
      String next = "my-app:20250801-09%02d-abc1234".formatted(round);
      String[][] commands = {
        {"push", next, "--from", image(next, 2 + round).toString()},
        {"push", target, "--from", image(target, 20 + round).toString()},
        {"promote", target, "production"},
        {"tag", target, "v1.0.0", "--move"},
        {"cleanup", "my-app", "--keep-last", "1", "--apply"}
      };
      killed += killed(user, commands);
      requireSound(user, store);
      for (String[] command : commands) {
        user.s3dock(command).ok();
      }
      requireSound(user, store);
      assertThat(user.s3dock("current", "my-app", "production").ok().line()).isEqualTo(target);
      user.s3dock("history", "my-app", "production").ok();
      user.s3dock("audit", "my-app").ok();
    }
    reporter.publishEntry("killed " + killed + " of " + ROUNDS * 5 + " processes");
    assertThat(killed).isPositive();
  }

  /** Starts all of them, lets each live for a while, and tells how many were still alive then. */
  private int killed(User user, String[][] commands) throws Exception {
    List<Process> processes = new ArrayList<>();
    for (String[] command : commands) {
      processes.add(user.start(128, folder.resolve("output"), command));
    }
    int killed = 0;
    for (Process process : processes) {
      boolean ended = process.waitFor(300 + random.nextInt(1200), TimeUnit.MILLISECONDS);
      process.destroyForcibly().waitFor();
      killed += ended ? 0 : 1;
    }
    return killed;
  }

  /** What is published can be pulled, or it is damaged and what it was lies in archive/ (ADR 7). */
  private void requireSound(User user, Path store) throws IOException {
    for (String line : user.s3dock("list", "images", "my-app").ok().out().lines().toList()) {
      String reference = line.split("\t", -1)[0];
      Path target = folder.resolve("pulled.tar.gz");
      Files.deleteIfExists(target);
      User.Result pulled = user.s3dock("pull", "my-app", tag(reference), "--to", target.toString());
      if (pulled.exitCode() != 0) {
        assertThat(pulled.exitCode()).as(pulled.err()).isEqualTo(ExitCode.INTEGRITY);
        assertThat(setAside(store, tag(reference))).as(pulled.err()).isNotEmpty();
      }
    }
    user.s3dock("current", "my-app", "production").ok();
    user.s3dock("list", "tags", "my-app").ok();
  }

  private static List<Path> setAside(Path store, String tag) throws IOException {
    try (Stream<Path> files = Files.walk(store.resolve("archive"))) {
      return files
          .filter(file -> file.toString().contains(tag) && file.toString().endsWith(".tar.gz"))
          .toList();
    }
  }
}
