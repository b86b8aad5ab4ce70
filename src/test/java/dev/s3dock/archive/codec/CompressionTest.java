package dev.s3dock.archive.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.s3dock.archive.Compression;
import dev.s3dock.image.InvalidNameException;
import dev.s3dock.testing.engine.Engines;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CompressionTest {
  @ParameterizedTest
  @CsvSource({"zstd, 3", "zstd:1, 1", "zstd:19, 19"})
  void levels_of_zstd_are_read(String text, int level) {
    Compression zstd = new Compression(Compression.Algorithm.ZSTD, level);
    assertThat(Compression.parse(text)).isEqualTo(zstd);
    assertThat(Compression.parse(zstd.toString())).isEqualTo(zstd);
    assertThat(ChunkCodec.fingerprint(zstd)).matches("zstd:[0-9a-f]{8}");
  }

  @ParameterizedTest
  @CsvSource({"gzip:1, 1", "gzip:6, 6", "gzip:9, 9"})
  void levels_are_read(String text, int level) {
    assertThat(Compression.parse(text)).isEqualTo(Compression.gzip(level));
    assertThat(Compression.parse(Compression.gzip(level).toString()))
        .isEqualTo(Compression.gzip(level));
  }

  @Test
  void without_a_level_the_library_in_use_decides() {
    assertThat(ChunkCodec.resolve(Compression.Choice.parse("gzip")))
        .isEqualTo(ChunkCodec.standard());
    assertThat(new JdkDeflate().defaultLevel()).isEqualTo(5);
    assertThat(LibDeflate.find(Engines.libdeflate().toString()).orElseThrow().defaultLevel())
        .isEqualTo(4);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", "gzip:", "gzip:0", "gzip:10", "gzip:-1", "gzip:x", "GZIP", "zstd:0", "zstd:20",
        "gzip:01"
      })
  void anything_else_is_refused_with_what_there_is(String text) {
    assertThatThrownBy(() -> Compression.parse(text))
        .isInstanceOf(InvalidNameException.class)
        .hasMessageContaining("gzip:1 (fastest) to gzip:9");
  }
}
