package dev.s3dock.cli.fault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.cli.ExitCode;
import dev.s3dock.cli.User;
import dev.s3dock.testing.FaultProxy;
import dev.s3dock.testing.FaultProxy.Fault;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a command says that is interrupted, as by Ctrl-C, when it has done the half of its work. */
class InterruptedCommandTest {
  private static final String NEW = "my-app:20250802-1000-1234567";

  @TempDir Path folder;

  /** Interrupts this thread while the request is on its way. */
  private static User.Result interruptedAt(
      String method, String part, FaultyBucket bucket, String... words) throws Exception {
    Thread command = Thread.currentThread();
    try (FaultProxy proxy = bucket.proxy()) {
      proxy.spoil(
          1,
          request -> {
            boolean now = request.method().equals(method) && request.target().contains(part);
            if (now) {
              command.interrupt();
            }
            return now;
          },
          new Fault.Delay(Duration.ofMillis(1)));
      return bucket.user(proxy, 2).s3dock(words);
    } finally {
      assertThat(Thread.interrupted()).as("interrupted").isTrue();
    }
  }

  private static void repeat(FaultyBucket bucket, String... words) throws Exception {
    try (FaultProxy proxy = bucket.proxy()) {
      bucket.user(proxy, 0).s3dock(words).ok();
    }
  }

  @Test
  void a_push_that_has_written_its_metadata_says_that_the_image_is_published() throws Exception {
    FaultyBucket bucket = new FaultyBucket(folder);
    String[] push = {"push", NEW, "--from", bucket.image(NEW, "new").toString()};
    User.Result result = interruptedAt("PUT", "1234567.json", bucket, push);
    assertThat(result.exitCode()).isEqualTo(ExitCode.STORE);
    assertThat(result.err())
        .contains(NEW + " is published", "audit event", "push it again", "interrupted");
    bucket.requireSound("after the interruption");
    repeat(bucket, push);
  }

  @Test
  void a_promotion_that_has_written_its_pointer_says_so() throws Exception {
    FaultyBucket bucket = new FaultyBucket(folder);
    String[] promote = {"promote", FaultyBucket.THIRD, "production"};
    User.Result result = interruptedAt("PUT", "pointers/my-app/production.json", bucket, promote);
    assertThat(result.exitCode()).isEqualTo(ExitCode.STORE);
    assertThat(result.err())
        .contains(
            "production.json was written", "audit event", "run the command again", "interrupted");
    bucket.requireSound("after the interruption");
    repeat(bucket, promote);
  }

  @Test
  void a_cleanup_takes_its_marks_away() throws Exception {
    FaultyBucket bucket = new FaultyBucket(folder);
    String[] cleanup = {"cleanup", "my-app", "--keep-last", "1", "--apply"};
    String lookAfterMark = "prefix=images%2Fmy-app%2F202507%2Fmy-app-20250701-1000-7654321.";
    User.Result result = interruptedAt("GET", lookAfterMark, bucket, cleanup);
    assertThat(result.exitCode()).isNotZero();
    assertThat(result.err()).contains("interrupted");
    assertThat(bucket.marked()).as(result.err()).isEmpty();
    repeat(bucket, cleanup);
  }
}
