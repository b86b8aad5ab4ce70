package dev.s3dock.verify;

import static dev.s3dock.verify.VerifiedBucket.IMAGE;
import static dev.s3dock.verify.VerifiedBucket.NOW;
import static dev.s3dock.verify.VerifiedBucket.OLDER;
import static dev.s3dock.verify.VerifiedBucket.STEM;
import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.image.Environment;
import dev.s3dock.image.Version;
import dev.s3dock.testing.engine.ImageSpec;
import dev.s3dock.testing.store.MemoryObjectStore;
import dev.s3dock.testing.store.MemoryObjectStore.Operation;
import dev.s3dock.verify.Finding.Severity;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Others work on the bucket while it is verified: what is in motion is not called damaged. */
class VerifierRaceTest {
  private static final String ARCHIVE = STEM + ".tar.gz";
  private static final String METADATA = STEM + ".json";
  private static final String VERSION = "tags/my-app/v1.1.0.json";
  private static final String STAGING = "pointers/my-app/staging.json";

  @TempDir Path spool;
  private VerifiedBucket bucket;

  @BeforeEach
  void fill() throws IOException {
    bucket = new VerifiedBucket(new MemoryObjectStore(), spool).fill();
  }

  /** Something that another one does. */
  private interface Step {
    void run() throws IOException;
  }

  /** Runs the step before the operation of that number that verify sends. */
  private void interrupt(int number, Step step) {
    AtomicInteger operations = new AtomicInteger();
    bucket.store.before(
        (operation, key) -> {
          if (operations.incrementAndGet() == number) {
            bucket.store.before((o, k) -> {});
            run(step);
          }
        });
  }

  private static void run(Step step) {
    try {
      step.run();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private int operations(boolean deep) {
    AtomicInteger operations = new AtomicInteger();
    bucket.store.before((operation, key) -> operations.incrementAndGet());
    bucket.all(deep);
    bucket.store.before((operation, key) -> {});
    return operations.get();
  }

  /** Tries the step before each operation in turn. */
  private void at_any_moment(boolean deep, Step step) throws IOException {
    int last = operations(deep);
    assertThat(last).isGreaterThan(20);
    for (int number = 1; number <= last; number++) {
      bucket = new VerifiedBucket(new MemoryObjectStore(), spool).fill();
      bucket.pausing(time -> {});
      interrupt(number, step);
      assertThat(problems(deep)).as("before operation %d", number).isEmpty();
      assertThat(problems(deep)).as("after all").isEmpty();
    }
  }

  /** What led from the digest of an image that is replaced or gone is left, until a cleanup. */
  private List<Finding> problems(boolean deep) {
    return bucket.all(deep).stream()
        .filter(it -> it.severity() != Severity.NOTE || !it.key().startsWith("manifests/"))
        .toList();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void an_image_that_is_replaced_meanwhile_is_sound(boolean deep) throws IOException {
    at_any_moment(
        deep, () -> bucket.pushing.push(IMAGE, ImageSpec.small().withFile("page", "another one")));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void an_image_that_is_removed_meanwhile_is_no_damage(boolean deep) throws IOException {
    String stem = "images/my-app/202507/my-app-20250721-2118-f7a5a27.linux-arm64";
    at_any_moment(
        deep,
        () -> {
          bucket.edit(stem + ".json", text -> text.replaceFirst("\\{", "{\"tombstone\": \"x\","));
          bucket.delete(stem + ".tar.gz");
          bucket.delete(stem + ".json");
        });
  }

  @Test
  void a_pointer_that_is_moved_while_its_target_is_removed_is_no_damage() throws IOException {
    at_any_moment(
        false,
        () -> {
          bucket.promotions.promote(IMAGE, new Environment("staging"), Optional.empty());
          bucket.tags.tag(IMAGE, new Version("v1.0.0"), true);
          bucket.deployments.report(
              IMAGE.app(),
              new Environment("production"),
              IMAGE,
              Optional.empty(),
              "green",
              "d-2",
              false);
          String stem = "images/my-app/202506/my-app-20250620-1045-def5678";
          bucket.delete(stem + ".json");
          bucket.delete(stem + ".tar.gz");
        });
  }

  @Test
  void a_push_that_stands_between_archive_and_metadata_is_waited_for() throws IOException {
    bucket = young();
    byte[] archive = bucket.bytes(ARCHIVE);
    byte[] metadata = bucket.bytes(METADATA);
    bucket.pushing.push(IMAGE, ImageSpec.small().withFile("page", "another, longer one"));
    byte[] nextMetadata = bucket.bytes(METADATA);
    byte[] nextArchive = bucket.bytes(ARCHIVE);
    bucket.put(METADATA, metadata);
    List<Duration> pauses = new ArrayList<>();
    bucket.pausing(
        time -> {
          pauses.add(time);
          if (pauses.size() == 2) {
            bucket.put(METADATA, nextMetadata);
          }
        });
    bucket.put(ARCHIVE, nextArchive);
    assertThat(problems(false)).allMatch(it -> it.problem().contains("not verified"));
    assertThat(pauses).hasSize(2);
    assertThat(archive).isNotEqualTo(nextArchive);
  }

  private VerifiedBucket young() throws IOException {
    return new VerifiedBucket(new MemoryObjectStore(() -> NOW.minusSeconds(60)), spool).fill();
  }

  @Test
  void what_stays_as_it_is_is_damage_also_when_it_is_young() throws IOException {
    bucket = young();
    List<Duration> pauses = new ArrayList<>();
    bucket.pausing(pauses::add);
    bucket.put(ARCHIVE, new byte[] {1, 2, 3});
    assertThat(bucket.all(false)).extracting(Finding::severity).containsExactly(Severity.DAMAGE);
    assertThat(pauses.stream().reduce(Duration.ZERO, Duration::plus))
        .isEqualTo(Duration.ofSeconds(15));
  }

  @Test
  void many_that_stay_as_they_are_are_not_all_waited_for() throws IOException {
    bucket = young();
    for (int i = 0; i < 200; i++) {
      bucket.put("pointers/my-app/env-%03d.json".formatted(i), "x");
    }
    AtomicInteger pauses = new AtomicInteger();
    bucket.pausing(time -> pauses.incrementAndGet());
    assertThat(bucket.all(false)).hasSize(200);
    assertThat(pauses).hasValueBetween(32 * 4, (32 + 16) * 4);
  }

  @Test
  void a_promotion_that_will_be_taken_back_is_waited_for() throws IOException {
    bucket = young();
    String staging = bucket.text(STAGING);
    bucket.edit(STAGING, text -> text.replace("def5678", "def5679"));
    AtomicInteger pauses = new AtomicInteger();
    bucket.pausing(
        time -> {
          pauses.incrementAndGet();
          bucket.put(STAGING, staging);
        });
    assertThat(bucket.all(false)).isEmpty();
    assertThat(pauses).hasValue(1);
  }

  @Test
  void what_never_holds_still_is_not_checked() {
    bucket.delete(ARCHIVE);
    bucket.store.before(
        (operation, key) -> {
          if (operation == Operation.HEAD && key.equals(METADATA)) {
            bucket.put(METADATA, bucket.text(METADATA)); // the same, in a new state
          }
        });
    assertThat(bucket.all(false))
        .singleElement()
        .satisfies(it -> assertThat(it.severity()).isEqualTo(Severity.NOT_CHECKED))
        .satisfies(it -> assertThat(it.key()).isEqualTo(METADATA))
        .satisfies(it -> assertThat(it.problem()).contains("changed 5 times"));
  }

  @Test
  void a_version_that_is_moved_under_an_environment_is_followed_anew() throws IOException {
    at_any_moment(
        false,
        () -> {
          bucket.tags.tag(OLDER, new Version("v1.1.0"), true);
          assertThat(bucket.text(VERSION)).contains("def5678");
        });
  }

  /** Holds a push before its operation of that number, until it may go on. */
  private final class HeldPush {
    final CountDownLatch reached = new CountDownLatch(1);
    final CountDownLatch goOn = new CountDownLatch(1);
    final Future<?> push;

    HeldPush(ExecutorService threads, int number) {
      AtomicInteger operations = new AtomicInteger();
      bucket.store.before(
          (operation, key) -> {
            if (reached.getCount() > 0 && operations.incrementAndGet() == number) {
              reached.countDown();
              await(goOn);
            }
          });
      push =
          threads.submit(
              () -> bucket.pushing.push(IMAGE, ImageSpec.small().withFile("page", "next")));
    }

    /** False if the push has no operation of that number. */
    boolean isHeld() throws Exception {
      while (!reached.await(1, TimeUnit.MILLISECONDS)) {
        if (push.isDone()) {
          push.get();
          bucket.store.before((operation, key) -> {});
          return false;
        }
      }
      return true;
    }

    void finish() {
      goOn.countDown();
      try {
        push.get();
      } catch (InterruptedException | ExecutionException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      if (!latch.await(1, TimeUnit.MINUTES)) {
        throw new IllegalStateException("nobody let it go on");
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void a_push_is_no_damage_between_any_two_of_its_steps(boolean deep) throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      int number = 1;
      for (boolean held = true; held; number++) {
        bucket = young();
        HeldPush push = new HeldPush(threads, number);
        bucket.pausing(time -> push.finish());
        held = push.isHeld();
        assertThat(bucket.all(deep))
            .as("before operation %d", number)
            .allMatch(finding -> finding.severity() == Severity.NOTE);
        push.finish();
      }
      assertThat(number).isGreaterThan(8);
    }
  }
}
