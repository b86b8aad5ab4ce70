package dev.s3dock.archive.codec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.archive.Compression;
import dev.s3dock.image.Digest;
import dev.s3dock.testing.engine.Engines;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which library is used, and what it is called. What the library does is in GzipMemberTest. */
class LibDeflateTest {
  private static LibDeflate library() {
    return LibDeflate.find(Engines.libdeflate().toString()).orElseThrow();
  }

  @Test
  void it_is_found_by_its_usual_name() {
    assertThat(Engines.libdeflate()).exists();
    assertThat(LibDeflate.find(null)).isPresent();
  }

  @Test
  void it_can_be_turned_off() {
    assertThat(LibDeflate.find("off")).isEmpty();
  }

  @Test
  void an_absent_broken_or_strange_library_is_done_without(@TempDir Path dir) throws IOException {
    Path broken = Files.writeString(dir.resolve("broken.so"), "no library");
    Path strange = Path.of(System.getProperty("java.home"), "lib", "libzip.so");
    assertThat(strange).exists();
    assertThat(LibDeflate.find("")).isEmpty();
    assertThat(LibDeflate.find("/no/such/library.so")).isEmpty();
    assertThat(LibDeflate.find(broken.toString())).isEmpty();
    assertThat(LibDeflate.find(strange.toString())).isEmpty();
  }

  @Test
  void the_one_in_use_is_one_of_the_two() {
    assertThat(Deflate.best().name()).isIn("libdeflate", "zlib");
    assertThat(ChunkCodec.standard().level()).isEqualTo(Deflate.best().defaultLevel());
  }

  @Test
  void the_sample_of_the_fingerprint_is_the_documented_one() {
    assertThat(Fingerprint.sample()).hasSize(65536);
    assertThat(Digest.of(Fingerprint.sample()).hex())
        .isEqualTo("30b949cf83088173c545ae8b15004c3116f32c6941fed4ac91058d0bf52de21c");
  }

  @Test
  void fingerprints_tell_libraries_and_levels_apart() {
    Stream<String> all =
        Stream.of(new JdkDeflate(), library())
            .flatMap(
                library ->
                    IntStream.rangeClosed(1, 9).mapToObj(level -> Fingerprint.of(library, level)));
    assertThat(all).doesNotHaveDuplicates().allMatch(s -> s.matches("[a-z]+:[0-9a-f]{8}"));
  }

  @Test
  void a_fingerprint_stays_the_same() {
    assertThat(ChunkCodec.fingerprint(Compression.gzip(3)))
        .isEqualTo(ChunkCodec.fingerprint(Compression.gzip(3)))
        .isEqualTo(Fingerprint.of(Deflate.best(), 3));
  }
}
