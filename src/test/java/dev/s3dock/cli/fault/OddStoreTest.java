package dev.s3dock.cli.fault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.cli.ExitCode;
import dev.s3dock.cli.User;
import dev.s3dock.testing.FaultProxy;
import dev.s3dock.testing.FaultProxy.Fault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every command on a store that is slow, silent, of another time, or lists what has been. */
class OddStoreTest {

  @TempDir Path folder;

  static List<FaultyBucket.Command> commands() {
    return FaultyBucket.COMMANDS;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("commands")
  void a_slow_store_is_waited_for(FaultyBucket.Command command) throws Exception {
    FaultyBucket bucket = new FaultyBucket(folder, command.server());
    try (FaultProxy proxy = bucket.proxy()) {
      proxy.spoil(Integer.MAX_VALUE, request -> true, new Fault.Delay(Duration.ofMillis(50)));
      bucket.user(proxy, 0).s3dock(command.line(bucket)).ok();
    }
    command.requireDone(bucket, "slowly");
    bucket.requireSound("slowly");
  }

  /** The time is that of the program itself: 20 s without a byte; all at once. */
  @Test
  void a_store_that_falls_silent_is_given_up() throws Exception {
    List<FaultyBucket.Command> short_ =
        commands().stream()
            .filter(command -> command.toString().matches("(tag|promote|current|list envs).*"))
            .toList();
    List<Future<?>> runs = new ArrayList<>();
    try (ExecutorService threads = Executors.newCachedThreadPool()) {
      for (FaultyBucket.Command command : short_) {
        for (int request : List.of(0, 2, 7)) {
          Path own = folder.resolve("silent" + runs.size());
          runs.add(
              threads.submit(
                  () -> {
                    silentAt(request, command, new FaultyBucket(own));
                    return command;
                  }));
        }
      }
      for (Future<?> run : runs) {
        run.get();
      }
    }
  }

  private static void silentAt(int request, FaultyBucket.Command command, FaultyBucket bucket)
      throws Exception {
    AtomicInteger left = new AtomicInteger(request);
    try (FaultProxy proxy = bucket.proxy()) {
      proxy.spoil(1, any -> left.getAndDecrement() == 0, new Fault.Stall(0));
      User.Result result = bucket.user(proxy, 0).s3dock(command.line(bucket));
      if (left.get() < 0 && result.exitCode() != 0) {
        assertThat(result.exitCode()).as(result.err()).isEqualTo(ExitCode.STORE);
        assertThat(result.err()).contains("try again");
      }
      left.set(-1);
      bucket.requireSound("silent");
      bucket.user(proxy, 0).s3dock(command.line(bucket)).ok();
      command.requireDone(bucket, "after the silence");
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("commands")
  void with_a_clock_that_is_wrong_all_works_but_cleanup(FaultyBucket.Command command)
      throws Exception {
    for (Duration skew : List.of(Duration.ofHours(1), Duration.ofHours(-1))) {
      FaultyBucket bucket = new FaultyBucket(folder.resolve("skew" + skew), command.server());
      try (FaultProxy proxy = bucket.proxy()) {
        User.Result result = bucket.user(proxy, 0).later(skew).s3dock(command.line(bucket));
        if (command.toString().startsWith("cleanup")) {
          assertThat(result.exitCode()).as(result.err()).isEqualTo(ExitCode.CONFLICT);
          assertThat(result.err()).contains("clock", "nothing was removed");
          assertThat(bucket.keys("cleanup/")).isEmpty();
        } else {
          result.ok();
          command.requireDone(bucket, "skewed");
        }
        bucket.requireSound("skewed");
      }
    }
  }

  @Test
  void a_store_that_finds_the_clock_wrong_is_told_of() throws Exception {
    FaultyBucket bucket = new FaultyBucket(folder);
    try (FaultProxy proxy = bucket.proxy()) {
      proxy.spoil(
          Integer.MAX_VALUE, request -> true, FaultyBucket.error(403, "RequestTimeTooSkewed"));
      User.Result result = bucket.user(proxy, 0).s3dock("current", "my-app", "production");
      assertThat(result.exitCode()).isEqualTo(ExitCode.STORE);
      assertThat(result.err()).contains("clock is wrong; set it");
    }
  }

  /**
   * S3 lists what is there. One that still lists what is gone, or not yet what has come: nothing
   * breaks, and cleanup removes nothing that it has not seen as it is.
   */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void a_listing_of_images_from_before_breaks_nothing(boolean lacks) throws Exception {
    FaultyBucket bucket = new FaultyBucket(folder);
    String images = "prefix=images";
    try (FaultProxy proxy = bucket.proxy()) {
      User user = bucket.user(proxy, 0);
      String archive = "images/my-app/202508/my-app-20250801-0900-abc1234";
      if (lacks) {
        bucket.stale(proxy, images, archive);
      } else {
        bucket.stale(proxy, images, "");
        bucket.remove(archive + ".json");
        bucket.remove(archive + ".tar.gz");
      }
      user.s3dock("list", "images", "my-app").ok();
      User.Result tagged = user.s3dock("tag", FaultyBucket.THIRD, "v3.0.0");
      assertThat(tagged.exitCode()).isEqualTo(lacks ? 0 : ExitCode.NOT_FOUND);
      user.s3dock("cleanup", "my-app", "--keep-last", "1", "--apply").ok();
      bucket.requireSound("after a cleanup by an old listing");
      assertThat(bucket.has(archive + ".tar.gz")).isEqualTo(lacks);
    }
  }
}
