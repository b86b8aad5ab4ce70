package dev.s3dock.archive.read;

import static dev.s3dock.archive.StoredArchive.REFERENCE;
import static dev.s3dock.archive.StoredArchive.THREADS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.s3dock.archive.ArchiveIndex;
import dev.s3dock.archive.CanonicalTar;
import dev.s3dock.archive.Chunk;
import dev.s3dock.archive.CorruptArchiveException;
import dev.s3dock.archive.LayerEntry;
import dev.s3dock.archive.StoredArchive;
import dev.s3dock.archive.source.ImageSource;
import dev.s3dock.archive.write.ChunkerTest;
import dev.s3dock.image.Digest;
import dev.s3dock.image.ImageReference;
import dev.s3dock.image.Platform;
import dev.s3dock.testing.engine.BuiltImage;
import dev.s3dock.testing.engine.ImageSpec;
import dev.s3dock.testing.engine.TestImages;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArchiveReaderTest {
  private static final ImageSpec SPEC =
      ImageSpec.empty()
          .withFile("a", "first\n")
          .withFile("b", ChunkerTest.seeded(3 << 20, 4))
          .withFile("a", "first\n")
          .withFile("c", new byte[16 << 20]);

  @TempDir static Path shared;

  private static StoredArchive stored;
  private static byte[] tar;

  @BeforeAll
  static void pack() throws IOException {
    Path file = TestImages.dockerSave(shared.resolve("image.tar"), SPEC, REFERENCE.toString());
    stored = StoredArchive.pack(ImageSource.ofFile(file), shared);
    tar = new GZIPInputStream(new ByteArrayInputStream(stored.bytes())).readAllBytes();
  }

  private static byte[] readTar(ArchiveIndex index, RangeFetcher fetcher) throws IOException {
    ArchiveReader reader = new ArchiveReader(index, REFERENCE, fetcher, THREADS);
    try (InputStream in = reader.openTar()) {
      return in.readAllBytes();
    }
  }

  private static RangeFetcher from(byte[] archive) {
    return (offset, length) -> Arrays.copyOfRange(archive, (int) offset, (int) offset + length);
  }

  @Test
  void the_tar_is_the_one_that_was_compressed() throws IOException {
    assertThat(stored.tar()).isEqualTo(tar);
  }

  @Test
  void reads_of_any_size_give_the_same_bytes() throws IOException {
    Random random = new Random(5);
    try (InputStream in = stored.reader().openTar()) {
      byte[] read = new byte[tar.length];
      int at = 0;
      while (at < read.length) {
        at += in.readNBytes(read, at, Math.min(read.length - at, random.nextInt(100_000)));
      }
      assertThat(in.read()).isEqualTo(-1);
      assertThat(in.read(read, 0, 1)).isEqualTo(-1);
      assertThat(read).isEqualTo(tar);
    }
  }

  @Test
  void config_is_the_one_of_the_image() throws IOException {
    assertThat(stored.reader().config()).isEqualTo(new BuiltImage(SPEC).configBytes());
  }

  @Test
  void unwanted_layers_are_not_fetched() throws IOException {
    Digest unwanted = new BuiltImage(SPEC).diffIds().get(1);
    List<String> names = new ArrayList<>();
    LayerEntry left = layer(unwanted);
    RangeFetcher strict =
        (offset, length) -> {
          assertThat(offset + length <= left.offset() || offset >= left.end())
              .as("fetching %d bytes at %d", length, offset)
              .isTrue();
          return stored.range(offset, length);
        };
    ArchiveReader reader = new ArchiveReader(stored.index(), REFERENCE, strict, THREADS);
    try (TarArchiveInputStream in =
        new TarArchiveInputStream(reader.openTar(layer -> !layer.equals(unwanted)))) {
      TarArchiveEntry entry = in.getNextEntry();
      while (entry != null) {
        names.add(entry.getName());
        entry = in.getNextEntry();
      }
    }
    assertThat(names)
        .hasSize(7)
        .doesNotContain(CanonicalTar.blobName(unwanted))
        .endsWith("index.json", "oci-layout", "manifest.json");
  }

  private static LayerEntry layer(Digest diffId) {
    return stored.index().layers().stream()
        .filter(layer -> layer.diffId().equals(diffId))
        .findFirst()
        .orElseThrow();
  }

  /** Whatever is done to the archive, wrong bytes never come with a clean end. */
  @RepeatedTest(150)
  void damaged_bytes_are_never_passed_on(RepetitionInfo info) {
    Random random = new Random(info.getCurrentRepetition());
    byte[] archive = stored.bytes().clone();
    int place = random.nextInt(archive.length);
    switch (random.nextInt(4)) {
      case 0 -> archive[place] ^= (byte) (1 << random.nextInt(8));
      case 1 -> Arrays.fill(archive, place, Math.min(archive.length, place + 500), (byte) 0);
      case 2 -> System.arraycopy(stored.bytes(), 0, archive, place, archive.length - place);
      default -> archive = Arrays.copyOf(Arrays.copyOf(archive, place), archive.length);
    }
    assertSameBytesOrCorrupt(stored.index(), archive);
  }

  /** The same for reads that leave layers out. */
  @RepeatedTest(150)
  void damaged_bytes_are_never_passed_on_by_partial_reads(RepetitionInfo info) throws IOException {
    Random random = new Random(info.getCurrentRepetition());
    byte[] archive = stored.bytes().clone();
    for (int i = random.nextInt(3); i >= 0; i--) {
      int place = random.nextInt(archive.length);
      switch (random.nextInt(3)) {
        case 0 -> archive[place] ^= (byte) (1 << random.nextInt(8));
        case 1 -> Arrays.fill(archive, place, Math.min(archive.length, place + 500), (byte) 0);
        default -> System.arraycopy(stored.bytes(), 0, archive, place, archive.length - place);
      }
    }
    assertSameBytesOrCorrupt(from(archive), someLayers(random));
  }

  /** A store that answers with other bytes than those it was asked for. */
  @RepeatedTest(150)
  void what_a_store_mixes_up_is_never_passed_on(RepetitionInfo info) throws IOException {
    Random random = new Random(info.getCurrentRepetition());
    RangeFetcher honest = from(stored.bytes());
    int wrong = random.nextInt(4);
    AtomicInteger calls = new AtomicInteger();
    long shift = random.nextInt(200_000);
    int kind = random.nextInt(4);
    RangeFetcher liar =
        (offset, length) -> {
          if (calls.getAndIncrement() != wrong) {
            return honest.fetch(offset, length);
          }
          return switch (kind) {
            case 0 -> honest.fetch(Math.max(0, offset - shift), length);
            case 1 -> new byte[length];
            case 2 -> honest.fetch(offset, length / 2);
            default -> Arrays.copyOf(honest.fetch(offset, length), length + 1);
          };
        };
    assertSameBytesOrCorrupt(liar, someLayers(random));
  }

  private static Set<Digest> someLayers(Random random) {
    return stored.index().diffIds().stream()
        .filter(layer -> random.nextBoolean())
        .collect(Collectors.toSet());
  }

  private static void assertSameBytesOrCorrupt(RangeFetcher fetcher, Set<Digest> wanted)
      throws IOException {
    try {
      byte[] read = partial(fetcher, wanted);
      assertThat(Arrays.equals(read, partial(from(stored.bytes()), wanted))).isTrue();
    } catch (CorruptArchiveException e) {
      assertThat(e.getMessage()).isNotEmpty();
    }
  }

  private static byte[] partial(RangeFetcher fetcher, Set<Digest> wanted) throws IOException {
    ArchiveReader reader = new ArchiveReader(stored.index(), REFERENCE, fetcher, THREADS);
    try (InputStream in = reader.openTar(wanted::contains)) {
      return in.readAllBytes();
    }
  }

  /** Indexes that are consistent with themselves, but not with the archive. */
  @RepeatedTest(100)
  void a_forged_index_never_gives_other_bytes(RepetitionInfo info) {
    Random random = new Random(info.getCurrentRepetition());
    List<LayerEntry> layers = new ArrayList<>(stored.index().layers());
    int number = random.nextInt(layers.size());
    LayerEntry layer = layers.get(number);
    List<Chunk> chunks = new ArrayList<>(layer.chunks());
    int place = random.nextInt(chunks.size());
    Chunk chunk = chunks.get(place);
    Digest digest = Digest.of(new byte[] {1});
    switch (random.nextInt(3)) {
      case 0 ->
          chunks.set(place, new Chunk(chunk.offset(), chunk.length(), chunk.rawLength(), digest));
      case 1 ->
          layer = new LayerEntry(digest, layer.size(), chunks, layer.md5AtEnd(), layer.blob());
      default -> layers.addLast(layers.removeFirst());
    }
    layers.set(
        number,
        new LayerEntry(layer.diffId(), layer.size(), chunks, layer.md5AtEnd(), layer.blob()));
    try {
      assertSameBytesOrCorrupt(withLayers(layers), stored.bytes());
    } catch (IllegalArgumentException e) {
      assertThat(e).hasMessageContaining("layer"); // refused at once
    }
  }

  private static void assertSameBytesOrCorrupt(ArchiveIndex index, byte[] archive) {
    try {
      assertThat(Arrays.equals(readTar(index, from(archive)), tar)).isTrue();
    } catch (CorruptArchiveException e) {
      assertThat(e.getMessage()).isNotEmpty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ArchiveIndex withLayers(List<LayerEntry> layers) {
    ArchiveIndex index = stored.index();
    return new ArchiveIndex(
        1,
        index.imageId(),
        index.platform(),
        index.compression(),
        index.compressor(),
        index.objectEtag(),
        layers,
        index.tail(),
        index.manifest(),
        index.config());
  }

  @Test
  void another_image_than_the_index_names_is_refused() {
    ArchiveIndex index = stored.index();
    ArchiveIndex other =
        new ArchiveIndex(
            1,
            Digest.of(new byte[0]),
            index.platform(),
            index.compression(),
            index.compressor(),
            index.objectEtag(),
            index.layers(),
            index.tail(),
            index.manifest(),
            Optional.empty());
    assertThatThrownBy(() -> readTar(other, from(stored.bytes())))
        .isInstanceOf(CorruptArchiveException.class)
        .hasMessageContaining("the archive holds the image " + index.imageId());
  }

  @Test
  void another_platform_than_the_config_says_is_refused() {
    ArchiveIndex index = stored.index();
    ArchiveIndex other =
        new ArchiveIndex(
            1,
            index.imageId(),
            Platform.parse("linux/arm64"),
            index.compression(),
            index.compressor(),
            index.objectEtag(),
            index.layers(),
            index.tail(),
            index.manifest(),
            Optional.empty());
    assertThatThrownBy(() -> readTar(other, from(stored.bytes())))
        .isInstanceOf(CorruptArchiveException.class)
        .hasMessageContaining("linux/arm64");
  }

  @Test
  void another_name_than_the_archive_has_is_refused() {
    ImageReference other = ImageReference.parse("other:20250721-2118-f7a5a27");
    ArchiveReader reader = new ArchiveReader(stored.index(), other, from(stored.bytes()), THREADS);
    assertThatThrownBy(reader::openTar)
        .isInstanceOf(CorruptArchiveException.class)
        .hasMessageContaining("other:20250721-2118-f7a5a27");
  }

  @Test
  void too_few_bytes_are_noticed() {
    RangeFetcher cut = (offset, length) -> stored.range(offset, length - 1);
    assertThatThrownBy(() -> readTar(stored.index(), cut))
        .isInstanceOf(CorruptArchiveException.class)
        .hasMessageContaining("asked for");
  }

  @Test
  void what_the_fetcher_throws_is_thrown_by_the_read_and_by_every_later_one() throws IOException {
    long tail = stored.index().tail().offset();
    RangeFetcher broken =
        (offset, length) -> {
          if (offset < tail) {
            throw new IOException("connection reset");
          }
          return stored.range(offset, length);
        };
    ArchiveReader reader = new ArchiveReader(stored.index(), REFERENCE, broken, THREADS);
    try (InputStream in = reader.openTar()) {
      for (int i = 0; i < 3; i++) {
        assertThatThrownBy(in::readAllBytes)
            .isInstanceOf(IOException.class)
            .hasMessage("connection reset");
      }
    }
  }

  @Test
  void an_interrupt_ends_the_read() throws Exception {
    CountDownLatch fetching = new CountDownLatch(1);
    CountDownLatch never = new CountDownLatch(1);
    long tail = stored.index().tail().offset();
    RangeFetcher stuck =
        (offset, length) -> {
          if (offset < tail) {
            fetching.countDown();
            awaitUninterested(never);
          }
          return stored.range(offset, length);
        };
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    Thread thread =
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    readTar(stored.index(), stuck);
                  } catch (IOException e) {
                    thrown.set(e);
                  }
                });
    fetching.await();
    thread.interrupt();
    thread.join();
    assertThat(thrown.get()).isInstanceOf(InterruptedIOException.class);
  }

  private static void awaitUninterested(CountDownLatch latch) throws InterruptedIOException {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new InterruptedIOException("stopped");
    }
  }
}
