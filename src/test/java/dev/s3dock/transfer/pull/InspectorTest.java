package dev.s3dock.transfer.pull;

import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.image.ImageReference;
import dev.s3dock.registry.Actor;
import dev.s3dock.registry.Catalog;
import dev.s3dock.registry.Pointers;
import dev.s3dock.store.Precondition;
import dev.s3dock.testing.Noise;
import dev.s3dock.testing.engine.ImageSpec;
import dev.s3dock.testing.store.MemoryObjectStore;
import dev.s3dock.testing.store.MemoryObjectStore.Operation;
import dev.s3dock.transfer.pull.Inspector.Contents;
import dev.s3dock.transfer.pull.Inspector.Details;
import dev.s3dock.transfer.pull.Inspector.Neighbour;
import dev.s3dock.transfer.push.PushingBucket;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InspectorTest {
  private static final ImageReference IMAGE = ImageReference.parse("my-app:20250721-2118-f7a5a27");
  private static final ImageReference OLDER = ImageReference.parse("my-app:20250720-1045-def5678");

  @TempDir Path spool;
  private final MemoryObjectStore store = new MemoryObjectStore();
  private PushingBucket bucket;

  @BeforeEach
  void open() {
    bucket = new PushingBucket(store, spool);
  }

  private Details inspect(ImageReference reference) throws IOException {
    Catalog catalog =
        new Catalog(
            store,
            new Pointers(store, bucket.images(), bucket.clock(), new Actor("t", "host-1", "test")));
    return new Inspector(store, bucket.images(), catalog, 0)
        .inspect(bucket.images().require(reference))
        .getFirst();
  }

  @Test
  void of_an_archive_only_the_tail_is_read() throws IOException {
    bucket.push(IMAGE, ImageSpec.empty().withFile("data", Noise.of(1, 3 << 20)));
    List<String> reads = new ArrayList<>();
    store.before(
        (operation, key) -> {
          if (operation == Operation.READ) {
            reads.add(key);
          }
        });
    assertThat(inspect(IMAGE).contents().orElseThrow().settings().created())
        .isEqualTo("2025-07-21T21:18:00Z");
    assertThat(reads).hasSize(1);
  }

  @Test
  void an_archive_that_is_replaced_meanwhile_is_looked_at_anew() throws IOException {
    bucket.push(IMAGE, ImageSpec.small().withLabel("is", "first"));
    AtomicBoolean done = new AtomicBoolean();
    store.before(
        (operation, key) -> {
          if (operation == Operation.READ && done.compareAndSet(false, true)) {
            try {
              bucket.push(IMAGE, ImageSpec.small().withLabel("is", "second"));
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          }
        });
    Details details = inspect(IMAGE);
    Contents contents = details.contents().orElseThrow();
    assertThat(contents.settings().labels()).containsEntry("is", "second");
    assertThat(contents.index().size()).isEqualTo(details.archive().size());
  }

  @Test
  void shared_chunks_are_counted_by_what_they_hold() throws IOException {
    ImageSpec base = ImageSpec.empty().withFile("base", Noise.of(1, 2 << 20));
    bucket.push(OLDER, base.withFile("app", Noise.of(2, 1 << 20)));
    assertThat(inspect(OLDER).contents().orElseThrow().neighbours()).isEmpty();
    bucket.push(IMAGE, base.withFile("app", Noise.of(3, 1 << 20)));
    Contents contents = inspect(IMAGE).contents().orElseThrow();
    assertThat(contents.neighbours())
        .extracting(it -> it.image().key().reference())
        .containsExactly(OLDER);
    long baseLayer = contents.index().length(Set.of(contents.index().diffIds().getFirst()));
    assertThat(contents.shared()).isEqualTo(baseLayer);
    assertThat(contents.neighbours()).extracting(Neighbour::shared).containsExactly(baseLayer);
  }

  @Test
  void a_damaged_neighbour_is_passed_over() throws IOException {
    bucket.push(OLDER, ImageSpec.small());
    bucket.push(IMAGE, ImageSpec.small());
    var metadata = bucket.images().require(OLDER).key().metadata();
    store.put(metadata, new byte[] {'{'}, Precondition.none());
    assertThat(inspect(IMAGE).contents().orElseThrow().neighbours()).isEmpty();
  }
}
