package dev.s3dock.transfer.pull;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.s3dock.archive.ArchiveIndex;
import dev.s3dock.archive.Chunk;
import dev.s3dock.archive.Compression;
import dev.s3dock.archive.cache.ChunkCache;
import dev.s3dock.archive.cache.ChunkCache.Limit;
import dev.s3dock.archive.codec.ChunkCodec;
import dev.s3dock.archive.read.ArchiveReader;
import dev.s3dock.distribution.loopback.JettyLoopback;
import dev.s3dock.engine.EngineException;
import dev.s3dock.engine.EngineInfo.ImageStore;
import dev.s3dock.image.Digest;
import dev.s3dock.image.ImageReference;
import dev.s3dock.registry.Published;
import dev.s3dock.testing.engine.BuiltImage;
import dev.s3dock.testing.engine.ImageSpec;
import dev.s3dock.testing.store.MemoryObjectStore;
import dev.s3dock.transfer.LegacyArchives;
import dev.s3dock.transfer.PublishedIndex;
import dev.s3dock.transfer.TransferException;
import dev.s3dock.transfer.TransferProgress;
import dev.s3dock.transfer.pull.PullingEngine.Fault;
import dev.s3dock.transfer.push.Details;
import dev.s3dock.transfer.push.PushingBucket;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pulls into an engine that pulls itself, and into some that cannot, or fail on the way. */
class EnginePullTest {
  private static final ImageReference REFERENCE =
      ImageReference.parse("my-app:20250721-2118-f7a5a27");
  private static final ImageSpec IMAGE =
      ImageSpec.empty().withFile("base", bytes(1)).withFile("top", bytes(2));
  private static final List<Digest> LAYERS = new BuiltImage(IMAGE).diffIds();
  private static final MemoryObjectStore PUBLISHED = new MemoryObjectStore();

  @TempDir Path folder;
  private final Details details = new Details();
  private final MemoryObjectStore store = new MemoryObjectStore();
  private ChunkCache cache = ChunkCache.none();
  private PushingBucket bucket;

  /** As much as is worth it; random at the start, so that it takes several chunks. */
  private static byte[] bytes(int seed) {
    byte[] bytes = new byte[17 << 20];
    byte[] noise = new byte[3 << 20];
    new Random(seed).nextBytes(noise);
    System.arraycopy(noise, 0, bytes, 0, noise.length);
    return bytes;
  }

  @BeforeAll
  static void push(@TempDir Path spool) throws IOException {
    new PushingBucket(PUBLISHED, spool).push(REFERENCE, IMAGE);
  }

  @BeforeEach
  void startFromThere() {
    store.startFrom(PUBLISHED);
    bucket = new PushingBucket(store, folder);
  }

  private Published published() {
    return bucket.images().require(REFERENCE);
  }

  private PullResult pull(PullingEngine engine) throws IOException {
    LegacyArchives legacy = new LegacyArchives(store, folder, 0, TransferProgress.NONE);
    return new Puller(
            store, bucket.images(), legacy, 0, 2, cache, details, Optional.of(new JettyLoopback()))
        .pull(published(), engine);
  }

  private static PullingEngine engine(Fault fault) {
    return new PullingEngine(REFERENCE, IMAGE, fault);
  }

  /** What the layers are called as they are stored. */
  private List<Digest> blobs() {
    return PublishedIndex.of(published()).orElseThrow().layers().stream()
        .map(layer -> layer.blob().orElseThrow())
        .toList();
  }

  @Test
  void an_engine_with_a_graph_driver_is_handed_the_layers_as_they_are_stored() throws IOException {
    PullingEngine engine = engine(Fault.NONE);

    PullResult pulled = pull(engine);

    assertThat(engine.received()).containsExactlyElementsOf(blobs());
    ArchiveIndex index = PublishedIndex.of(published()).orElseThrow();
    assertThat(pulled.bytesFetched()).isEqualTo(index.length(Set.copyOf(LAYERS)));
  }

  @Test
  void an_engine_pulls_and_keeps_no_other_name() throws IOException {
    PullingEngine engine = engine(Fault.NONE);

    PullResult pulled = pull(engine);

    assertThat(pulled).isEqualTo(new PullResult(false, pulled.bytesFetched(), 0, 0));
    assertThat(engine.references()).containsExactly(REFERENCE.toString());
    assertThat(engine.tarred()).isEmpty();
    assertThat(details.told()).isEmpty();
    assertThat(pull(engine).skipped()).isTrue();
  }

  @Test
  void a_layer_that_the_engine_knows_by_digest_is_saved() throws IOException {
    PullingEngine engine = engine(Fault.NONE);
    engine.holds(ImageSpec.empty().withFile("base", bytes(1)));
    engine.knows(List.of(blobs().getFirst()));

    PullResult pulled = pull(engine);

    assertThat(pulled.bytesSaved()).isGreaterThan(3 << 20);
    assertThat(pulled.bytesFetched()).isLessThan(4 << 20);
    assertThat(engine.tarred()).isEmpty();
  }

  @Test
  void where_the_engine_asks_for_a_layer_that_a_load_leaves_out_it_is_loaded() throws IOException {
    PullingEngine engine = engine(Fault.NONE);
    engine.holds(ImageSpec.empty().withFile("base", bytes(1)));

    pull(engine);

    assertThat(engine.tarred())
        .contains("blobs/sha256/" + LAYERS.get(1).hex())
        .doesNotContain("blobs/sha256/" + LAYERS.get(0).hex());
    assertThat(engine.references()).containsExactly(REFERENCE.toString());
    assertThat(details.told())
        .singleElement()
        .asString()
        .contains("it asks for the layer " + LAYERS.get(0), "loading it");
  }

  @Test
  void an_engine_that_does_not_get_through_or_lies_is_given_the_whole_image() throws IOException {
    for (Fault fault : List.of(Fault.REFUSED, Fault.LIE)) {
      PullingEngine engine = engine(fault);
      assertThat(pull(engine).skipped()).isFalse();
      assertThat(engine.tarred()).contains("blobs/sha256/" + LAYERS.get(0).hex());
      assertThat(engine.references()).containsExactly(REFERENCE.toString());
    }
    assertThat(details.told()).hasSize(2);
    assertThat(details.told().getFirst()).contains("connection refused");
  }

  @Test
  void an_engine_that_finds_silence_is_given_up() throws IOException {
    PullingEngine engine = engine(Fault.SILENCE);
    byte[] archive = archive();
    ArchiveIndex index = PublishedIndex.of(published()).orElseThrow();
    ArchiveReader reader =
        new ArchiveReader(
            index,
            REFERENCE,
            (at, length) -> Arrays.copyOfRange(archive, (int) at, (int) at + length),
            2);
    EnginePull pull =
        new EnginePull(
            new JettyLoopback(),
            engine,
            ImageStore.GRAPH_DRIVER,
            REFERENCE,
            index,
            reader,
            Duration.ofMillis(50));

    assertThat(pull.run(Set.of(), details, new ByteCounter())).isEmpty();

    assertThat(engine.wasInterrupted()).isTrue();
    assertThat(details.told()).singleElement().asString().contains("it has not found this machine");
  }

  @Test
  void an_engine_that_is_gone_in_the_middle_is_one_clear_error() {
    PullingEngine engine = engine(Fault.CUT_OFF);
    assertThatExceptionOfType(EngineException.class)
        .isThrownBy(() -> pull(engine))
        .withMessage("cannot reach the engine");
    assertThat(engine.references()).isEmpty();
  }

  @Test
  void a_full_disk_is_not_filled_once_more() {
    assertThatExceptionOfType(EngineException.class)
        .isThrownBy(() -> pull(engine(Fault.FULL)))
        .withMessage("the disk is full");
    assertThat(details.told()).isEmpty();
  }

  private byte[] archive() {
    return Objects.requireNonNull(store.contents().get(published().archive().value()));
  }

  private Chunk lastChunk() {
    ArchiveIndex index = PublishedIndex.of(published()).orElseThrow();
    return index.layers().getLast().chunks().getLast();
  }

  @Test
  void spoiled_bytes_in_the_archive_are_one_clear_error_and_nothing_is_in_the_engine() {
    Chunk chunk = lastChunk();
    byte[] archive = archive();
    int at = (int) chunk.offset() + chunk.length() / 2;
    archive[at] ^= 1;
    try {
      PullingEngine engine = engine(Fault.NONE);
      assertThatExceptionOfType(TransferException.class)
          .isThrownBy(() -> pull(engine))
          .withMessageContaining("is damaged")
          .withMessageContaining("push it again with --force")
          .satisfies(e -> assertThat(e.kind()).isEqualTo(TransferException.Kind.INTEGRITY));
      assertThat(engine.references()).isEmpty();
      assertThat(engine.tarred()).isEmpty();
    } finally {
      archive[at] ^= 1; // the bytes are those of all tests
    }
  }

  /** Noise cannot be compressed, so other noise is as long. */
  private byte[] anotherOfTheSameLength(Chunk chunk, Compression compression) throws IOException {
    byte[] raw =
        ChunkCodec.decompress(archive(), (int) chunk.offset(), chunk.length(), chunk.rawLength());
    raw[raw.length / 2] ^= 1;
    byte[] other = ChunkCodec.compress(raw, compression);
    assertThat(other).hasSize(chunk.length());
    return other;
  }

  /** Only the digests tell. */
  @Test
  void a_chunk_that_is_wrong_in_the_cache_is_fetched_again() throws IOException {
    cache =
        ChunkCache.open(folder.resolve("cache"), Limit.of(64 << 20), Clock.systemUTC(), text -> {});
    pull(engine(Fault.NONE));
    ArchiveIndex index = PublishedIndex.of(published()).orElseThrow();
    Chunk base = index.layers().getFirst().chunks().getFirst();
    byte[] other = anotherOfTheSameLength(base, index.compression());
    cache.remove(base.digest());
    cache.keep(base.digest(), other, 0, other.length);

    PullingEngine engine = engine(Fault.NONE);
    assertThat(pull(engine).skipped()).isFalse();

    assertThat(engine.references()).containsExactly(REFERENCE.toString());
    assertThat(details.told()).singleElement().asString().contains("loading it");
    details.told().clear();
    pull(engine(Fault.NONE));
    assertThat(details.told()).isEmpty();
  }
}
