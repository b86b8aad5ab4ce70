package dev.s3dock.transfer.pull;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.s3dock.archive.ArchiveIndex;
import dev.s3dock.archive.Chunk;
import dev.s3dock.archive.LayerEntry;
import dev.s3dock.archive.cache.ChunkCache;
import dev.s3dock.archive.cache.ChunkCache.Limit;
import dev.s3dock.archive.source.ImageScanner;
import dev.s3dock.archive.source.ImageSource;
import dev.s3dock.image.Digest;
import dev.s3dock.image.ImageReference;
import dev.s3dock.registry.Images;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.Precondition;
import dev.s3dock.testing.Noise;
import dev.s3dock.testing.engine.BuiltImage;
import dev.s3dock.testing.engine.ImageSpec;
import dev.s3dock.testing.store.MemoryObjectStore;
import dev.s3dock.testing.store.MemoryObjectStore.Operation;
import dev.s3dock.transfer.LegacyArchives;
import dev.s3dock.transfer.PublishedIndex;
import dev.s3dock.transfer.TransferProgress;
import dev.s3dock.transfer.push.PushingBucket;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A pull asks the bucket only for chunks that this machine does not have. */
class CachedPullTest {
  private static final ImageReference OLD = ImageReference.parse("cached:20250720-1000-aaaaaaa");
  private static final ImageReference NEW = ImageReference.parse("cached:20250721-1000-bbbbbbb");
  private static final int SIZE = 5 << 20;

  private static final MemoryObjectStore STORE = new MemoryObjectStore();
  @TempDir static Path shared;

  @TempDir Path dir;
  private final Images images = new Images(STORE, Clock.systemUTC());
  private final AtomicInteger reads = new AtomicInteger();
  private int layouts;

  @BeforeAll
  static void publish() throws IOException {
    PushingBucket bucket = new PushingBucket(STORE, shared);
    bucket.push(OLD, image(0));
    bucket.push(NEW, image(1));
  }

  @BeforeEach
  void count() {
    STORE.before(
        (operation, key) -> {
          if (operation == Operation.READ) {
            reads.incrementAndGet();
          }
        });
  }

  /** Of two files in the one layer, an edit changes a byte of the first. */
  private static ImageSpec image(int edit) {
    byte[] content = Noise.of(1, SIZE);
    content[SIZE / 2] ^= (byte) edit;
    return ImageSpec.empty().withFile("data", content).withFile("top", "the same");
  }

  private ChunkCache cache() {
    return ChunkCache.open(dir.resolve("cache"), Limit.of(64 << 20), Clock.systemUTC(), text -> {});
  }

  private PullResult pull(ImageReference reference, ImageSpec expected) throws IOException {
    return pull(cache(), reference, expected);
  }

  private PullResult pull(ChunkCache cache, ImageReference reference, ImageSpec expected)
      throws IOException {
    LegacyArchives legacy = new LegacyArchives(STORE, dir, 0, TransferProgress.NONE);
    Path layout = dir.resolve("layout-" + layouts++);
    reads.set(0);
    PullResult pulled =
        new Puller(STORE, images, legacy, 1, 2, cache, TransferProgress.NONE)
            .pullToLayout(images.require(reference), layout);
    assertThat(ImageScanner.scan(ImageSource.of(layout)).imageId())
        .isEqualTo(new BuiltImage(expected).imageId());
    return pulled;
  }

  private ArchiveIndex index(ImageReference reference) {
    return PublishedIndex.of(images.require(reference)).orElseThrow();
  }

  private List<Chunk> chunks(ImageReference reference) {
    return index(reference).layers().stream().flatMap(it -> it.chunks().stream()).toList();
  }

  private static long bytes(List<Chunk> chunks) {
    return chunks.stream().mapToLong(Chunk::length).sum();
  }

  private long tail(ImageReference reference) {
    return index(reference).tail().length();
  }

  @Test
  void an_edit_costs_the_chunks_that_changed_and_the_tail() throws IOException {
    PullResult first = pull(OLD, image(0));
    assertThat(first.bytesFetched()).isBetween(bytes(chunks(OLD)) + tail(OLD), index(OLD).size());
    assertThat(first.bytesCached()).isZero();

    PullResult next = pull(NEW, image(1));

    Set<Digest> before = new HashSet<>(chunks(OLD).stream().map(Chunk::digest).toList());
    List<Chunk> changed =
        chunks(NEW).stream().filter(chunk -> !before.contains(chunk.digest())).toList();
    assertThat(next.bytesFetched()).isEqualTo(bytes(changed) + tail(NEW));
    assertThat(next.bytesCached()).isEqualTo(bytes(chunks(NEW)) - bytes(changed));
    assertThat(changed.size()).isLessThanOrEqualTo(3);
    assertThat(reads.get()).isLessThanOrEqualTo(3);
  }

  @Test
  void the_same_again_costs_the_tail() throws IOException {
    pull(OLD, image(0));
    assertThat(pull(OLD, image(0)).bytesFetched()).isEqualTo(tail(OLD));
    assertThat(reads.get()).isEqualTo(1);
  }

  @Test
  void without_a_cache_nothing_changes() throws IOException {
    PullResult first = pull(ChunkCache.none(), OLD, image(0));
    assertThat(pull(ChunkCache.none(), OLD, image(0))).isEqualTo(first);
  }

  @Test
  void what_is_damaged_in_the_cache_is_fetched_and_mended() throws IOException {
    pull(OLD, image(0));
    List<Chunk> chunks = chunks(OLD);
    byte[] zeros = new byte[chunks.getFirst().length()];
    cache().keep(chunks.getFirst().digest(), zeros, 0, zeros.length); // right by its CRC
    Files.write(kept(chunks.get(1)), new byte[100]);
    Files.delete(kept(chunks.get(2)));

    assertThat(pull(OLD, image(0)).bytesFetched())
        .isEqualTo(bytes(chunks.subList(0, 3)) + tail(OLD));
    assertThat(pull(OLD, image(0)).bytesFetched()).isEqualTo(tail(OLD));
  }

  /** The chunks that were fetched before it was found out must not be taken for others. */
  @Test
  void what_a_damaged_archive_has_brought_is_not_kept() throws IOException {
    LayerEntry layer = index(OLD).layers().getFirst();
    ObjectKey key = images.require(OLD).archive();
    byte[] right = STORE.get(key, 1 << 26).orElseThrow().content();
    byte[] wrong = right.clone();
    wrong[(int) layer.chunks().get(1).end() - 20] ^= 1;
    STORE.put(key, wrong, Precondition.none());
    assertThatThrownBy(() -> pull(OLD, image(0))).hasMessageContaining("is damaged");
    STORE.put(key, right, Precondition.none());

    pull(OLD, image(0));
  }

  private Path kept(Chunk chunk) throws IOException {
    try (Stream<Path> files = Files.walk(dir.resolve("cache"))) {
      return files.filter(it -> it.endsWith(chunk.digest().hex())).findFirst().orElseThrow();
    }
  }
}
