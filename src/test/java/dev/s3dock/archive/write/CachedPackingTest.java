package dev.s3dock.archive.write;

import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.archive.Chunk;
import dev.s3dock.archive.Compression;
import dev.s3dock.archive.LayerEntry;
import dev.s3dock.archive.StoredArchive;
import dev.s3dock.archive.cache.ChunkCache;
import dev.s3dock.archive.cache.ChunkCache.Limit;
import dev.s3dock.archive.source.ImageSource;
import dev.s3dock.testing.engine.ImageSpec;
import dev.s3dock.testing.engine.TestImages;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What was compressed on this machine before is not compressed again. */
class CachedPackingTest {
  private static final Compression COMPRESSION = Compression.gzip(1);

  @TempDir Path dir;

  private ChunkCache cache() {
    return ChunkCache.open(
        dir.resolve("cache"),
        Limit.of(64 << 20),
        Clock.systemUTC(),
        text -> {
          throw new AssertionError(text);
        });
  }

  private List<Path> chunks() throws IOException {
    try (Stream<Path> files = Files.walk(dir.resolve("cache"))) {
      return files.filter(Files::isRegularFile).toList();
    }
  }

  /** Packs the image with this cache, and keeps what is new. */
  private StoredArchive pack(byte[] content) throws IOException {
    Path file =
        TestImages.dockerSave(
            dir.resolve("image.tar"),
            ImageSpec.small().withFile("data", content),
            StoredArchive.REFERENCE.toString());
    ChunkCache cache = cache();
    try (PackedImage packed =
            new ArchivePacker(dir, COMPRESSION, 2, cache)
                .pack(ImageSource.ofFile(file), StoredArchive.REFERENCE, bytes -> {});
        ArchiveInput in = packed.open()) {
      packed.keepChunks(cache);
      return new StoredArchive(in.readAllBytes(), in.index(), in.md5Hex());
    }
  }

  private static byte[] text() {
    byte[] bytes = ChunkerTest.seeded(6 << 20, 1);
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] &= 0x1f;
    }
    return bytes;
  }

  @Test
  void what_was_compressed_once_is_taken_from_there_and_is_the_same() throws IOException {
    byte[] content = text();
    StoredArchive first = pack(content);
    List<Path> kept = chunks();
    StoredArchive again = pack(content);

    assertThat(chunks()).containsExactlyInAnyOrderElementsOf(kept);
    assertThat(again.md5Hex()).isEqualTo(first.md5Hex());
    for (LayerEntry layer : first.index().layers()) {
      for (Chunk chunk : layer.chunks()) {
        assertThat(cache().find(chunk.digest()))
            .hasValue(first.range(chunk.offset(), chunk.length()));
      }
    }
  }

  @Test
  void only_what_is_new_is_added() throws IOException {
    byte[] content = text();
    pack(content);
    int before = chunks().size();
    content[3 << 20] ^= 1;

    StoredArchive changed = pack(content);

    assertThat(chunks()).hasSizeBetween(before + 1, before + 3);
    try (var tar = changed.reader().openTar()) {
      assertThat(tar.readAllBytes()).hasSizeGreaterThan(content.length);
    }
  }

  @Test
  void damaged_chunks_are_compressed_again() throws IOException {
    byte[] content = text();
    StoredArchive first = pack(content);
    for (Path chunk : chunks()) {
      try (RandomAccessFile file = new RandomAccessFile(chunk.toFile(), "rw")) {
        file.seek(100);
        int old = file.read();
        file.seek(100);
        file.write(~old);
      }
    }

    assertThat(pack(content).md5Hex()).isEqualTo(first.md5Hex());
  }
}
