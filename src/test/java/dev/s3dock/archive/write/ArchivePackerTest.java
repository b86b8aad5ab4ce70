package dev.s3dock.archive.write;

import static dev.s3dock.archive.StoredArchive.REFERENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.s3dock.archive.Chunk;
import dev.s3dock.archive.Compression;
import dev.s3dock.archive.CorruptArchiveException;
import dev.s3dock.archive.LayerEntry;
import dev.s3dock.archive.StoredArchive;
import dev.s3dock.archive.cache.ChunkCache;
import dev.s3dock.archive.codec.ChunkCodec;
import dev.s3dock.archive.source.ImageSource;
import dev.s3dock.image.Digest;
import dev.s3dock.image.Platform;
import dev.s3dock.testing.TestTar;
import dev.s3dock.testing.engine.BuiltImage;
import dev.s3dock.testing.engine.ImageSpec;
import dev.s3dock.testing.engine.TestImages;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.bouncycastle.crypto.digests.MD5Digest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ArchivePackerTest {
  private static final ImageSpec SPEC =
      ImageSpec.empty()
          .withFile("base", ChunkerTest.seeded(6 << 20, 11))
          .withFile("app", ChunkerTest.seeded(2 << 20, 12))
          .withFile("base", ChunkerTest.seeded(6 << 20, 11))
          .withPlatform("linux/arm/v7");

  @TempDir Path dir;

  private static byte[] saved(ImageSpec spec) {
    return TestTar.of(TestImages.dockerSaveFiles(spec, REFERENCE.toString()));
  }

  private static ImageSource source(byte[] tar) {
    return ImageSource.ofStream(new ByteArrayInputStream(tar), "test image");
  }

  private ArchivePacker packer() {
    return new ArchivePacker(dir, Compression.gzip(1), 2, ChunkCache.none());
  }

  private PackedImage pack(ImageSpec spec) throws IOException {
    return packer().pack(source(saved(spec)), REFERENCE, raw -> {});
  }

  private void assertSpoolIsEmpty() throws IOException {
    try (Stream<Path> files = Files.list(dir)) {
      assertThat(files).isEmpty();
    }
  }

  @Test
  void a_packed_image_tells_who_it_is_and_how_large_it_will_be() throws Exception {
    BuiltImage image = new BuiltImage(SPEC);
    AtomicLong raw = new AtomicLong();
    try (PackedImage packed = packer().pack(source(saved(SPEC)), REFERENCE, raw::addAndGet);
        ArchiveInput in = packed.open()) {
      assertThat(packed.imageId()).isEqualTo(image.imageId());
      assertThat(packed.platform()).isEqualTo(Platform.parse("linux/arm/v7"));
      long rawSize = image.layers().stream().limit(2).mapToLong(l -> l.length).sum();
      assertThat(raw).hasValue(rawSize);
      byte[] bytes = in.readAllBytes();
      assertThat((long) bytes.length).isEqualTo(packed.size()).isEqualTo(in.index().size());
      assertThat(in.md5Hex()).isEqualTo(md5(bytes, bytes.length));
      assertThat(in.index().rawSize()).isEqualTo(rawSize);
    }
    assertSpoolIsEmpty();
  }

  private static String md5(byte[] bytes, int length) throws NoSuchAlgorithmException {
    MessageDigest md5 = MessageDigest.getInstance("MD5");
    md5.update(bytes, 0, length);
    return HexFormat.of().formatHex(md5.digest());
  }

  @Test
  void the_md5_can_go_on_from_the_end_of_each_layer() throws Exception {
    StoredArchive stored = StoredArchive.pack(source(saved(SPEC)), dir);
    for (LayerEntry layer : stored.index().layers()) {
      MD5Digest md5 = layer.md5AtEnd().resume();
      md5.update(stored.bytes(), (int) layer.end(), stored.bytes().length - (int) layer.end());
      byte[] hash = new byte[16];
      md5.doFinal(hash, 0);
      assertThat(HexFormat.of().formatHex(hash)).isEqualTo(stored.md5Hex());
    }
  }

  @Test
  void an_archive_can_be_sent_again() throws IOException {
    Random random = new Random(1);
    try (PackedImage packed = pack(SPEC)) {
      byte[] first;
      try (ArchiveInput in = packed.open()) {
        assertThatIllegalStateException().isThrownBy(in::md5Hex);
        assertThatIllegalStateException().isThrownBy(in::index);
        first = in.readAllBytes();
        assertThat(in.read()).isEqualTo(-1);
      }
      try (ArchiveInput in = packed.open()) {
        byte[] second = new byte[first.length];
        int at = 0;
        while (at < second.length) {
          at += in.read(second, at, 1 + random.nextInt(Math.min(50_000, second.length - at)));
        }
        assertThat(in.read()).isEqualTo(-1);
        assertThat(Digest.of(second)).isEqualTo(Digest.of(first));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7})
  void the_bytes_do_not_depend_on_the_threads(int threads) throws IOException {
    byte[] one = StoredArchive.pack(source(saved(SPEC)), dir).bytes();
    ArchivePacker packer =
        new ArchivePacker(dir, ChunkCodec.standard(), threads, ChunkCache.none());
    try (PackedImage packed = packer.pack(source(saved(SPEC)), REFERENCE, raw -> {});
        ArchiveInput in = packed.open()) {
      assertThat(Digest.of(in.readAllBytes())).isEqualTo(Digest.of(one));
    }
  }

  @Test
  void images_of_one_base_begin_with_the_same_bytes() throws IOException {
    StoredArchive one = StoredArchive.pack(source(saved(SPEC.withFile("x", "1"))), dir);
    StoredArchive two = StoredArchive.pack(source(saved(SPEC.withFile("y", "22"))), dir);
    LayerEntry shared = one.index().layers().get(1);
    assertThat(two.index().layers().get(1)).isEqualTo(shared);
    int end = (int) shared.end();
    assertThat(Arrays.equals(one.bytes(), 0, end, two.bytes(), 0, end)).isTrue();
  }

  @Test
  void an_edit_moves_only_a_few_chunks() throws IOException {
    byte[] content = ChunkerTest.seeded(20 << 20, 5);
    StoredArchive before =
        StoredArchive.pack(source(saved(ImageSpec.empty().withFile("f", content))), dir);
    content[10 << 20] ^= 1;
    StoredArchive after =
        StoredArchive.pack(source(saved(ImageSpec.empty().withFile("f", content))), dir);
    List<Digest> known = digests(before);
    List<Digest> moved = digests(after).stream().filter(d -> !known.contains(d)).toList();
    assertThat(known).hasSizeGreaterThan(12);
    assertThat(moved).hasSizeBetween(1, 3);
  }

  private static List<Digest> digests(StoredArchive archive) {
    return archive.index().layers().stream()
        .flatMap(layer -> layer.chunks().stream())
        .map(Chunk::digest)
        .toList();
  }

  @Test
  void nothing_stays_in_the_spool_when_the_source_is_bad() throws IOException {
    byte[] tar = saved(SPEC);
    assertThatThrownBy(() -> packer().pack(source(Arrays.copyOf(tar, 5 << 20)), REFERENCE, r -> {}))
        .isInstanceOf(CorruptArchiveException.class);
    assertSpoolIsEmpty();
  }

  @Test
  void a_spool_that_cannot_be_made_is_named() {
    Path absent = dir.resolve("absent");
    ArchivePacker packer = new ArchivePacker(absent, ChunkCodec.standard(), 1, ChunkCache.none());
    assertThatThrownBy(() -> packer.pack(source(saved(SPEC)), REFERENCE, raw -> {}))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(absent.toString());
  }

  @Test
  void a_full_disk_is_told_with_the_path_of_the_spool() throws IOException {
    Path full = Path.of("/dev/full"); // Linux: every write fails with ENOSPC
    try (Spool spool = new Spool(full, FileChannel.open(full, StandardOpenOption.WRITE))) {
      assertThatThrownBy(() -> spool.append(new byte[10]))
          .isInstanceOf(IOException.class)
          .hasMessageContainingAll("/dev/full", "No space left on device");
    }
  }

  @Test
  void an_interrupt_ends_the_packing_and_empties_the_spool() throws IOException {
    InputStream interrupting =
        new FilterInputStream(new ByteArrayInputStream(saved(SPEC))) {
          private int read;

          @Override
          public int read(byte[] buffer, int offset, int length) throws IOException {
            int count = super.read(buffer, offset, length);
            read += count;
            if (read > 3 << 20) {
              Thread.currentThread().interrupt();
            }
            return count;
          }
        };
    try {
      assertThatThrownBy(
              () -> packer().pack(ImageSource.ofStream(interrupting, "test"), REFERENCE, r -> {}))
          .isInstanceOf(InterruptedIOException.class);
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
    assertSpoolIsEmpty();
  }
}
