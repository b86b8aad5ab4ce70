package dev.s3dock.transfer.push;

import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.image.ImageReference;
import dev.s3dock.store.StoreException;
import dev.s3dock.testing.Noise;
import dev.s3dock.testing.engine.ImageSpec;
import dev.s3dock.testing.store.MemoryObjectStore;
import dev.s3dock.transfer.SavedEngine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A push of what is published already is decided without an export. */
class UnchangedPushTest {
  private static final ImageReference REFERENCE =
      ImageReference.parse("my-app:20250721-2118-f7a5a27");
  private static final String MANIFEST = "sha256:" + "4d".repeat(32);
  private static final String OTHER_MANIFEST = "sha256:" + "5e".repeat(32);

  private static final ImageReference NEXT = ImageReference.parse("my-app:20250722-0900-1234567");

  /** As random as a part of an upload must be. */
  private static final byte[] LARGE = Noise.of(3, 6 << 20);

  @TempDir Path folder;
  private final MemoryObjectStore store = new MemoryObjectStore();

  private SavedEngine engine(ImageSpec image) {
    return new SavedEngine(REFERENCE.toString(), PushingBucket.saved(image, REFERENCE));
  }

  private static SavedEngine large(ImageReference reference) {
    ImageSpec image = ImageSpec.empty().withFile("base", LARGE).withFile("top", "same");
    return new SavedEngine(reference.toString(), PushingBucket.saved(image, reference));
  }

  private boolean isSkipped(SavedEngine engine) throws IOException {
    return new PushingBucket(store, folder).push(REFERENCE, engine).event().skipped();
  }

  @Test
  void an_id_that_is_the_configs_digest_tells_at_once() throws IOException {
    SavedEngine engine = engine(ImageSpec.small());

    assertThat(isSkipped(engine)).isFalse();
    assertThat(isSkipped(engine)).isTrue();
    assertThat(engine.exports()).isEqualTo(1);
  }

  @Test
  void an_id_of_a_manifest_tells_once_it_has_been_seen() throws IOException {
    SavedEngine engine = engine(ImageSpec.small()).withId(MANIFEST);

    assertThat(isSkipped(engine)).isFalse();
    assertThat(isSkipped(engine)).isTrue();
    assertThat(engine.exports()).isEqualTo(1);
  }

  @Test
  void another_manifest_of_the_same_image_is_looked_at_once() throws IOException {
    isSkipped(engine(ImageSpec.small()).withId(MANIFEST));
    SavedEngine engine = engine(ImageSpec.small()).withId(OTHER_MANIFEST);

    assertThat(isSkipped(engine)).isTrue();
    assertThat(isSkipped(engine)).isTrue();
    assertThat(engine.exports()).isEqualTo(1);
  }

  @Test
  void another_image_is_not_skipped() throws IOException {
    isSkipped(engine(ImageSpec.small()).withId(MANIFEST));

    assertThat(isSkipped(engine(ImageSpec.small().withFile("new", "1")).withId(OTHER_MANIFEST)))
        .isFalse();
  }

  @Test
  void it_takes_three_looks_and_an_event() throws IOException {
    SavedEngine engine = engine(ImageSpec.small());
    Instant before = Instant.parse("2025-08-02T07:00:00Z"); // else their events have one name
    new PushingBucket(store, folder, Clock.fixed(before, ZoneOffset.UTC)).push(REFERENCE, engine);
    Queue<String> requests = new ConcurrentLinkedQueue<>();
    store.before((operation, key) -> requests.add(operation + " " + key.replaceAll("/.*", "")));

    assertThat(isSkipped(engine)).isTrue();
    assertThat(requests)
        .containsExactlyInAnyOrder("GET images", "HEAD images", "GET manifests", "PUT audit");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void the_same_image_as_another_commit_is_not_exported(boolean containerd) throws IOException {
    PushingBucket bucket = new PushingBucket(store, folder);
    SavedEngine first = large(REFERENCE);
    bucket.push(REFERENCE, containerd ? first.withId(MANIFEST) : first);
    SavedEngine next = containerd ? large(NEXT).withId(MANIFEST) : large(NEXT);

    PushResult pushed = bucket.push(NEXT, next);

    assertThat(next.exports()).isZero();
    assertThat(pushed.event().skipped()).isFalse();
    assertThat(pushed.bytesSent()).isLessThan(100_000);
    bucket.verified(NEXT);
  }

  @Test
  void the_same_image_as_another_commit_is_exported_if_its_archive_cannot_be_copied()
      throws IOException {
    PushingBucket bucket = new PushingBucket(store, folder);
    bucket.push(REFERENCE, large(REFERENCE));
    store.before(
        (operation, key) -> {
          if (operation == MemoryObjectStore.Operation.COPY_PART) {
            throw new StoreException(StoreException.Kind.UNSUPPORTED, "no copies");
          }
        });
    SavedEngine next = large(NEXT);

    assertThat(bucket.push(NEXT, next).event().skipped()).isFalse();
    assertThat(next.exports()).isPositive();
    bucket.verified(NEXT);
  }

  @Test
  void what_is_kept_may_be_damaged() throws IOException {
    SavedEngine engine = engine(ImageSpec.small()).withId(MANIFEST);
    isSkipped(engine);
    try (Stream<Path> files = Files.walk(folder)) {
      files.filter(Files::isRegularFile).forEach(UnchangedPushTest::damage);
    }

    assertThat(isSkipped(engine)).isTrue();
    assertThat(engine.exports()).isEqualTo(2);
  }

  private static void damage(Path file) {
    try {
      Files.writeString(file, "sha256:123");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
