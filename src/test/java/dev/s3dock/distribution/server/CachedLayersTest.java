package dev.s3dock.distribution.server;

import static dev.s3dock.distribution.server.ServedBucket.FIRST;
import static dev.s3dock.distribution.server.ServedBucket.SECOND;
import static dev.s3dock.distribution.server.ServedBucket.blob;
import static dev.s3dock.distribution.server.ServedBucket.manifest;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.s3dock.archive.Chunk;
import dev.s3dock.archive.LayerEntry;
import dev.s3dock.archive.cache.ChunkCache;
import dev.s3dock.archive.cache.ChunkCache.Limit;
import dev.s3dock.image.Digest;
import dev.s3dock.testing.Noise;
import dev.s3dock.testing.engine.ImageSpec;
import dev.s3dock.testing.store.MemoryObjectStore.Operation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What was fetched once is not fetched again, for another host or for the next version. */
class CachedLayersTest {
  private static final int SIZE = 5 << 20;

  @TempDir Path dir;
  private final ConcurrentLinkedQueue<Operation> requests = new ConcurrentLinkedQueue<>();
  private ServedBucket served;

  @BeforeEach
  void publish() throws IOException {
    Files.createDirectories(dir.resolve("spool"));
    served =
        new ServedBucket(dir.resolve("spool"))
            .with(FIRST, image(0))
            .with(SECOND, image(1))
            .caching(cache())
            .serve();
    served.store.before((operation, key) -> requests.add(operation));
  }

  @AfterEach
  void stop() throws IOException {
    served.close();
  }

  private ChunkCache cache() {
    return ChunkCache.open(dir.resolve("cache"), Limit.of(64 << 20), Clock.systemUTC(), text -> {});
  }

  /** One layer, of which an edit changes a byte in the middle. */
  private static ImageSpec image(int edit) {
    byte[] content = Noise.of(1, SIZE);
    content[SIZE / 2] ^= (byte) edit;
    return ImageSpec.empty().withFile("data", content);
  }

  private LayerEntry layer(dev.s3dock.image.ImageReference image) {
    return served.index(image).layers().getFirst();
  }

  private Digest compressed(dev.s3dock.image.ImageReference image) {
    return layer(image).blob().orElseThrow();
  }

  private void pull(Digest digest) throws IOException {
    assertThat(Digest.of(served.get(blob(digest)).body())).isEqualTo(digest);
  }

  private long reads() {
    return requests.stream().filter(it -> it == Operation.READ).count();
  }

  private long metric(String name) throws IOException {
    String text = new String(served.get("/metrics").body(), ISO_8859_1);
    return (long)
        Double.parseDouble(
            text.replaceAll("(?s).*\ns3dock_cache_" + name + "_bytes_total ([0-9.E]+)\n.*", "$1"));
  }

  private long ofBoth() {
    List<Digest> first = layer(FIRST).chunks().stream().map(Chunk::digest).toList();
    return layer(SECOND).chunks().stream()
        .filter(chunk -> first.contains(chunk.digest()))
        .mapToLong(Chunk::length)
        .sum();
  }

  private Path kept(Chunk chunk) throws IOException {
    try (Stream<Path> files = Files.walk(dir.resolve("cache"))) {
      return files.filter(it -> it.endsWith(chunk.digest().hex())).findFirst().orElseThrow();
    }
  }

  @Test
  void a_second_host_asks_the_bucket_for_no_layer() throws IOException {
    Digest layer = compressed(FIRST);
    served.get(manifest(FIRST.tag()));
    pull(layer);
    requests.clear();

    pull(layer);

    assertThat(requests).isEmpty();
    assertThat(metric("miss")).isEqualTo(layer(FIRST).length());
    assertThat(metric("hit")).isEqualTo(layer(FIRST).length());
  }

  @Test
  void of_the_next_version_only_what_is_new_is_fetched_and_neighbours_at_once() throws IOException {
    pull(compressed(FIRST));
    served.get(manifest(SECOND.tag()));
    requests.clear();
    long before = metric("miss");

    pull(compressed(SECOND));

    long fresh = layer(SECOND).length() - ofBoth();
    assertThat(metric("miss") - before).isEqualTo(fresh).isLessThan(SIZE / 2);
    assertThat(reads()).isLessThanOrEqualTo(2);
  }

  @Test
  void uncompressed_layers_come_from_the_same_chunks() throws IOException {
    pull(compressed(FIRST));
    requests.clear();

    pull(layer(FIRST).diffId());

    assertThat(reads()).isZero();
  }

  @Test
  void hosts_that_come_at_once_fetch_once() throws Exception {
    served.get(manifest(FIRST.tag()));
    requests.clear();
    try (ExecutorService hosts = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> pulls = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        pulls.add(
            hosts.submit(
                () -> {
                  pull(compressed(FIRST));
                  return null;
                }));
      }
      for (Future<?> each : pulls) {
        each.get();
      }
    }
    assertThat(metric("miss")).isEqualTo(layer(FIRST).length());
    assertThat(metric("hit")).isEqualTo(9 * layer(FIRST).length());
  }

  @Test
  void a_part_of_a_layer_is_never_put_together_from_chunks() throws IOException {
    pull(compressed(FIRST));
    requests.clear();
    byte[] archive = served.archive(FIRST);
    int start = (int) layer(FIRST).offset();

    assertThat(served.get(blob(compressed(FIRST)), "Range", "bytes=1000-4999").body())
        .isEqualTo(Arrays.copyOfRange(archive, start + 1000, start + 5000));
    assertThat(reads()).isEqualTo(1);
  }

  @Test
  void a_damaged_chunk_is_fetched_again() throws IOException {
    pull(compressed(FIRST));
    Path kept = kept(layer(FIRST).chunks().get(2));
    byte[] bytes = Files.readAllBytes(kept);
    bytes[bytes.length / 2] ^= 1;
    Files.write(kept, bytes);
    requests.clear();

    pull(compressed(FIRST));
    assertThat(reads()).isEqualTo(1);
    pull(compressed(FIRST));
    assertThat(reads()).isEqualTo(1);
  }

  /** Another compressor may make other bytes of the same length. */
  @Test
  void a_chunk_with_other_bytes_of_the_same_length_is_never_sent_to_the_end_and_then_avoided()
      throws IOException {
    Chunk chunk = layer(FIRST).chunks().getFirst();
    byte[] other = new byte[chunk.length()];
    cache().keep(chunk.digest(), other, 0, other.length);

    assertThatThrownBy(() -> served.get(blob(compressed(FIRST)))).isInstanceOf(IOException.class);
    pull(compressed(FIRST));
    assertThat(cache().find(chunk.digest())).isEmpty();
    pull(layer(FIRST).diffId());
  }

  @Test
  void a_wrong_chunk_of_a_layer_that_is_decompressed_is_fetched_again() throws IOException {
    Chunk chunk = layer(FIRST).chunks().getFirst();
    byte[] other = new byte[chunk.length()];
    cache().keep(chunk.digest(), other, 0, other.length);

    pull(layer(FIRST).diffId());

    assertThat(cache().find(chunk.digest()))
        .hasValue(
            Arrays.copyOfRange(served.archive(FIRST), (int) chunk.offset(), (int) chunk.end()));
  }
}
