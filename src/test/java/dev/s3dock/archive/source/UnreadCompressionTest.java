package dev.s3dock.archive.source;

import static dev.s3dock.archive.Sources.NAME;
import static dev.s3dock.archive.Sources.SPEC;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.s3dock.testing.engine.TestImages;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is compressed in a way that s3dock does not read is not damaged. */
class UnreadCompressionTest {
  @TempDir Path folder;

  private static void refuses(InputStream stream, String program) {
    assertThatThrownBy(() -> ImageScanner.scan(ImageSource.ofStream(stream, "the file")))
        .isInstanceOf(UnsuitableImageException.class)
        .hasMessageContaining("the file is compressed with " + program)
        .hasMessageContaining("`" + program + " -dc FILE | s3dock push REF --from -`");
  }

  @ParameterizedTest
  @CsvSource({
    "fd377a585a0000, xz",
    "425a6839314159265359, bzip2",
    "425a6839177245385090, bzip2",
    "04224d186440a7, lz4",
    "4c5a495001, lzip",
    "894c5a4f000d0a1a0a, lzop",
    "5d00008000ffffffffff, lzma",
    "1f9d90, uncompress",
  })
  void its_first_bytes_tell(String bytes, String program) {
    refuses(new ByteArrayInputStream(HexFormat.of().parseHex(bytes + "00".repeat(600))), program);
  }

  @Test
  void what_a_compressor_writes_is_known() throws IOException {
    Path packed = folder.resolve("image.tar.bz2");
    try (OutputStream out = new BZip2CompressorOutputStream(Files.newOutputStream(packed))) {
      Files.copy(TestImages.dockerSave(folder.resolve("image.tar"), SPEC, NAME), out);
    }
    try (InputStream in = Files.newInputStream(packed)) {
      refuses(in, "bzip2");
    }
  }

  @Test
  void a_layer_is_named_too() throws IOException {
    Path saved = folder.resolve("image.tar");
    byte[] layer = HexFormat.of().parseHex("fd377a585a00" + "00".repeat(600));
    try (var tar = new TarArchiveOutputStream(Files.newOutputStream(saved))) {
      var entry = new TarArchiveEntry("abc/layer.tar");
      entry.setSize(layer.length);
      tar.putArchiveEntry(entry);
      tar.write(layer);
      tar.closeArchiveEntry();
    }
    assertThatThrownBy(() -> ImageScanner.scan(ImageSource.of(saved)))
        .isInstanceOf(UnsuitableImageException.class)
        .hasMessageContaining("compressed with xz");
  }
}
