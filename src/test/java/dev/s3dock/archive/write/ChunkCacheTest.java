package dev.s3dock.archive.write;

import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.archive.Chunk;
import dev.s3dock.archive.Compression;
import dev.s3dock.archive.LayerEntry;
import dev.s3dock.archive.StoredArchive;
import dev.s3dock.archive.source.ImageSource;
import dev.s3dock.image.Digest;
import dev.s3dock.testing.engine.ImageSpec;
import dev.s3dock.testing.engine.TestImages;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChunkCacheTest {
  private static final Compression COMPRESSION = Compression.gzip(1);
  private static final long LIMIT = 64 << 20;

  @TempDir Path dir;

  private Path folder() {
    return dir.resolve("cache");
  }

  private ChunkCache open(long limit) {
    return ChunkCache.open(folder(), COMPRESSION, limit, Clock.systemUTC());
  }

  private List<Path> packs() throws IOException {
    if (!Files.exists(folder())) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(folder())) {
      return files.filter(Files::isRegularFile).toList();
    }
  }

  /** Packs the image with this cache, and keeps what is new. */
  private StoredArchive pack(byte[] content, long limit) throws IOException {
    Path file =
        TestImages.dockerSave(
            dir.resolve("image.tar"),
            ImageSpec.small().withFile("data", content),
            StoredArchive.REFERENCE.toString());
    try (ChunkCache cache = open(limit);
        PackedImage packed =
            new ArchivePacker(dir, COMPRESSION, 2, cache)
                .pack(ImageSource.ofFile(file), StoredArchive.REFERENCE, bytes -> {});
        ArchiveInput in = packed.open()) {
      packed.keepChunks(cache);
      return new StoredArchive(in.readAllBytes(), in.index(), in.md5Hex());
    }
  }

  private static byte[] text(int seed) {
    byte[] bytes = ChunkerTest.seeded(6 << 20, seed);
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] &= 0x1f;
    }
    return bytes;
  }

  @Test
  void what_was_compressed_once_is_taken_from_there_and_is_the_same() throws IOException {
    byte[] content = text(1);
    StoredArchive first = pack(content, LIMIT);
    List<Path> kept = packs();
    StoredArchive again = pack(content, LIMIT);

    assertThat(kept).hasSize(1);
    assertThat(packs()).isEqualTo(kept);
    assertThat(again.md5Hex()).isEqualTo(first.md5Hex());
    try (ChunkCache cache = open(LIMIT)) {
      for (LayerEntry layer : first.index().layers()) {
        for (Chunk chunk : layer.chunks()) {
          assertThat(cache.find(chunk.digest()))
              .hasValue(first.range(chunk.offset(), chunk.length()));
        }
      }
    }
  }

  @Test
  void what_is_kept_is_for_its_owner_alone() throws IOException {
    pack(text(1), LIMIT);

    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder())))
        .isEqualTo("rwx------");
  }

  @Test
  void only_what_is_new_is_added() throws IOException {
    byte[] content = text(1);
    pack(content, LIMIT);
    long before = Files.size(packs().getFirst());
    content[3 << 20] ^= 1;

    StoredArchive changed = pack(content, LIMIT);

    assertThat(packs()).hasSize(2);
    assertThat(packs().stream().mapToLong(p -> p.toFile().length()).sum())
        .isLessThan(before + before / 2);
    try (var tar = changed.reader().openTar()) {
      assertThat(tar.readAllBytes()).hasSizeGreaterThan(content.length);
    }
  }

  @Test
  void a_damaged_pack_is_passed_over() throws IOException {
    byte[] content = text(1);
    StoredArchive first = pack(content, LIMIT);
    Path pack = packs().getFirst();
    try (RandomAccessFile file = new RandomAccessFile(pack.toFile(), "rw")) {
      for (long at = 100; at < file.length(); at += 100_000) {
        file.seek(at);
        int old = file.read();
        file.seek(at);
        file.write(~old);
      }
    }

    assertThat(pack(content, LIMIT).md5Hex()).isEqualTo(first.md5Hex());
  }

  @Test
  void a_pack_that_was_cut_short_is_passed_over() throws IOException {
    byte[] content = text(1);
    StoredArchive first = pack(content, LIMIT);
    Path pack = packs().getFirst();
    for (long size = Files.size(pack) - 1; size > 0; size = size * 2 / 3) {
      try (RandomAccessFile file = new RandomAccessFile(pack.toFile(), "rw")) {
        file.setLength(size);
      }
      try (ChunkCache cache = open(LIMIT)) {
        for (Chunk chunk : first.index().layers().getLast().chunks()) {
          assertThat(cache.find(chunk.digest())).isEmpty();
        }
      }
    }
  }

  @Test
  void the_least_recently_used_packs_go() throws IOException {
    pack(text(1), LIMIT);
    Path oldest = packs().getFirst();
    long size = Files.size(oldest);
    Files.setLastModifiedTime(oldest, FileTime.from(Instant.now().minus(Duration.ofDays(2))));
    pack(text(2), LIMIT);
    Path middle = packs().stream().filter(p -> !p.equals(oldest)).findFirst().orElseThrow();
    Files.setLastModifiedTime(middle, FileTime.from(Instant.now().minus(Duration.ofDays(1))));

    pack(text(1), LIMIT); // uses the oldest
    pack(text(3), 2 * size + size / 2);

    assertThat(packs()).hasSize(2).contains(oldest).doesNotContain(middle);
  }

  @Test
  void more_than_the_limit_is_not_kept() throws IOException {
    pack(text(1), 1 << 20);

    assertThat(packs()).isEmpty();
  }

  /** Other pushes on the machine use packs, and so change their times, while this one looks. */
  @Test
  void packs_may_be_used_while_they_are_put_in_order() throws Exception {
    pack(text(1), LIMIT);
    Path pack = packs().getFirst();
    List<Path> files = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      files.add(Files.createFile(pack.resolveSibling(i + ".members")));
    }
    AtomicBoolean done = new AtomicBoolean();
    Thread others =
        Thread.ofPlatform()
            .start(
                () -> {
                  Random random = new Random(1);
                  while (!done.get()) {
                    Path file = files.get(random.nextInt(files.size()));
                    long time = random.nextInt(1_000_000) * 1000L;
                    assertThat(file.toFile().setLastModified(time)).isTrue();
                  }
                });
    try {
      for (int i = 0; i < 100; i++) {
        open(LIMIT).close();
      }
    } finally {
      done.set(true);
      others.join();
    }
  }

  @Test
  void the_chunks_of_another_compressor_are_others() throws IOException {
    StoredArchive first = pack(text(1), LIMIT);
    Digest digest = first.index().layers().getLast().chunks().getFirst().digest();

    try (ChunkCache other =
        ChunkCache.open(folder(), Compression.gzip(9), LIMIT, Clock.systemUTC())) {
      assertThat(other.find(digest)).isEmpty();
    }
  }

  @Test
  void what_a_killed_process_left_behind_goes_when_it_is_old() throws IOException {
    pack(text(1), LIMIT);
    Path pack = packs().getFirst();
    Path old = Files.createFile(pack.resolveSibling("old.part"));
    Path young = Files.createFile(pack.resolveSibling("young.part"));
    Files.setLastModifiedTime(old, FileTime.from(Instant.now().minus(Duration.ofDays(2))));

    pack(text(2), LIMIT);

    assertThat(old).doesNotExist();
    assertThat(young).exists();
  }
}
