package dev.s3dock.transfer.push;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.s3dock.image.ImageReference;
import dev.s3dock.store.StoreException;
import dev.s3dock.testing.Noise;
import dev.s3dock.testing.engine.ImageSpec;
import dev.s3dock.testing.store.MemoryObjectStore;
import dev.s3dock.testing.store.MemoryObjectStore.Operation;
import dev.s3dock.transfer.SavedEngine;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Uploads that go on while the engine still exports, and what becomes of them. */
class EagerUploadTest {
  private static final ImageReference FIRST = ImageReference.parse("my-app:20250720-1000-aaaaaaa");
  private static final ImageReference SECOND = ImageReference.parse("my-app:20250721-2118-f7a5a27");
  private static final int MIB = 1 << 20;

  @TempDir Path folder;
  private final MemoryObjectStore store = new MemoryObjectStore();
  private final AtomicLong sent = new AtomicLong();
  private PushingBucket bucket;

  @BeforeEach
  void open() {
    bucket = new PushingBucket(store, folder);
  }

  /**
   * The order of layers in an export is any. Of 36, 12 and 36 MiB the first one is packed before
   * the last one has all come, since the window of the packing is smaller than the other two.
   */
  private static ImageSpec image(int seed, int... mebibytes) {
    ImageSpec image = ImageSpec.empty();
    for (int i = 0; i < mebibytes.length; i++) {
      image = image.withFile("data", Noise.of(seed + i, mebibytes[i] * MIB));
    }
    return image;
  }

  private static SavedEngine engine(ImageSpec image) {
    return new SavedEngine(SECOND.toString(), PushingBucket.saved(image, SECOND));
  }

  /** Runs something before so many bytes are left of the export, or after none has come. */
  private static SavedEngine engine(ImageSpec image, Point point, Step step) {
    return engine(image)
        .exporting(
            stream ->
                new FilterInputStream(stream) {
                  private boolean done;

                  @Override
                  public int read(byte[] buffer, int offset, int length) throws IOException {
                    if (!done && (point == Point.BEGINNING || in.available() < 20_000)) {
                      done = true;
                      step.run();
                    }
                    return in.read(buffer, offset, Math.min(length, 10_000));
                  }
                });
  }

  private enum Point {
    BEGINNING,
    END
  }

  private interface Step {
    void run() throws IOException;
  }

  private CountDownLatch first(Operation awaited) {
    CountDownLatch seen = new CountDownLatch(1);
    store.before(
        (operation, key) -> {
          if (operation == awaited) {
            seen.countDown();
          }
        });
    return seen;
  }

  private static Step awaiting(CountDownLatch latch) {
    return () -> {
      try {
        assertThat(latch.await(60, TimeUnit.SECONDS)).isTrue();
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
    };
  }

  private void requireNothingLeft() {
    assertThat(store.openUploads()).isZero();
    assertThat(bucket.temporaryObjects()).isEmpty();
    assertThat(folder).isDirectoryNotContaining("glob:**.spool");
  }

  @Test
  void a_new_layer_is_sent_before_the_export_ends() throws IOException {
    CountDownLatch sending = first(Operation.UPLOAD_PART);

    bucket.push(SECOND, engine(image(1, 36, 12, 36), Point.END, awaiting(sending)));

    bucket.verified(SECOND);
    requireNothingLeft();
  }

  @Test
  void what_a_base_has_is_copied_before_the_first_byte_of_the_export() throws IOException {
    bucket.push(FIRST, image(1, 12, 20));
    CountDownLatch copying = first(Operation.COPY_PART);

    PushResult second =
        bucket.push(SECOND, engine(image(1, 12, 20, 1), Point.BEGINNING, awaiting(copying)));

    bucket.verified(SECOND);
    assertThat(second.bytesSent()).isLessThan(MIB + 10_000);
    requireNothingLeft();
  }

  @Test
  void what_is_sent_is_sent_once() throws IOException {
    store.before((operation, key) -> sent.addAndGet(operation == Operation.START_UPLOAD ? 1 : 0));

    PushResult pushed = bucket.push(SECOND, engine(image(1, 12, 1, 40, 3, 11)));

    bucket.verified(SECOND);
    assertThat(sent.get()).as("uploads").isEqualTo(1);
    assertThat(pushed.bytesSent()).isEqualTo(pushed.event().size());
  }

  /** What stands before the large layer is too short for a part. */
  @Test
  void with_a_small_layer_below_a_large_one_nothing_is_sent_twice() throws IOException {
    PushResult pushed = bucket.push(SECOND, engine(image(1, 1, 36)));

    bucket.verified(SECOND);
    assertThat(pushed.bytesSent()).isEqualTo(pushed.event().size());
    requireNothingLeft();
  }

  @Test
  void a_base_of_other_layers_costs_nothing() throws IOException {
    bucket.push(FIRST, image(1, 12, 20));

    PushResult second = bucket.push(SECOND, engine(image(50, 20, 12)));

    bucket.verified(SECOND);
    assertThat(second.bytesReused()).isZero();
    requireNothingLeft();
  }

  @Test
  void layers_that_move_up_find_their_place() throws IOException {
    bucket.push(FIRST, image(1, 12, 20, 12));

    PushResult second =
        bucket.push(
            SECOND,
            engine(
                ImageSpec.empty()
                    .withFile("data", Noise.of(1, 12 * MIB))
                    .withFile("data", Noise.of(9, 14 * MIB))
                    .withFile("data", Noise.of(2, 20 * MIB))
                    .withFile("data", Noise.of(3, 12 * MIB))));

    bucket.verified(SECOND);
    assertThat(second.bytesSent()).isBetween(14L * MIB, 20L * MIB);
    requireNothingLeft();
  }

  @Test
  void an_engine_that_dies_within_the_export_leaves_nothing() throws IOException {
    bucket.push(FIRST, image(1, 12));
    CountDownLatch sending = first(Operation.UPLOAD_PART);

    assertThatThrownBy(
            () ->
                bucket.push(
                    SECOND,
                    engine(
                        image(1, 12, 36, 12, 36),
                        Point.END,
                        () -> {
                          awaiting(sending).run();
                          throw new IOException("the engine is gone");
                        })))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("the engine is gone");

    assertThat(bucket.images().find(SECOND)).isEmpty();
    assertThat(store.contents().keySet()).noneMatch(key -> key.contains("f7a5a27"));
    requireNothingLeft();
  }

  @Test
  void a_store_that_fails_within_the_export_leaves_nothing() {
    CountDownLatch failed = new CountDownLatch(1);
    store.before(
        (operation, key) -> {
          if (operation == Operation.UPLOAD_PART) {
            failed.countDown();
            throw new StoreException(StoreException.Kind.UNAVAILABLE, "the store is gone");
          }
        });

    assertThatThrownBy(
            () -> bucket.push(SECOND, engine(image(1, 36, 12, 36), Point.END, awaiting(failed))))
        .isInstanceOf(StoreException.class)
        .hasMessage("the store is gone");

    assertThat(store.contents()).isEmpty();
    requireNothingLeft();
  }

  @Test
  void an_image_that_another_push_publishes_meanwhile_is_skipped() throws IOException {
    AtomicBoolean other = new AtomicBoolean();
    CountDownLatch published = new CountDownLatch(1);
    ImageSpec image = image(1, 36, 12, 36);
    store.before(
        (operation, key) -> {
          if (operation == Operation.START_UPLOAD && other.compareAndSet(false, true)) {
            try {
              new PushingBucket(store, folder).push(SECOND, image);
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
            published.countDown();
          }
        });

    PushResult second = bucket.push(SECOND, engine(image, Point.END, awaiting(published)));

    assertThat(second.event().skipped()).isTrue();
    bucket.verified(SECOND);
    requireNothingLeft();
  }

  @Test
  void another_image_than_the_engine_showed_is_published_as_it_is() throws IOException {
    SavedEngine engine =
        new SavedEngine(
            SECOND.toString(),
            PushingBucket.saved(image(1, 12, 14, 16), SECOND),
            PushingBucket.saved(image(1, 12, 40).withFile("data", Noise.of(2, 14 * MIB)), SECOND));

    bucket.push(SECOND, engine);

    bucket.verified(SECOND);
    requireNothingLeft();
  }

  @Test
  void a_commit_that_is_published_already_is_sent_when_it_is_known_to_be_another_image()
      throws IOException {
    bucket.push(SECOND, image(1, 12, 14));
    store.before(
        (operation, key) -> {
          if (operation == Operation.START_UPLOAD) {
            sent.incrementAndGet();
          }
        });

    PushResult same =
        bucket.push(SECOND, engine(image(1, 12, 14)).withId("sha256:" + "4d".repeat(32)));

    assertThat(same.event().skipped()).isTrue();
    assertThat(sent.get()).isZero();
    assertThat(bucket.push(SECOND, image(3, 12, 14)).event().archived()).isTrue();
    bucket.verified(SECOND);
  }
}
