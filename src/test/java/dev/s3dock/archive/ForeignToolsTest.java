package dev.s3dock.archive;

import static dev.s3dock.archive.StoredArchive.REFERENCE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.archive.source.ImageScanner;
import dev.s3dock.archive.source.ImageSource;
import dev.s3dock.archive.write.ChunkerTest;
import dev.s3dock.image.Digest;
import dev.s3dock.testing.engine.BuiltImage;
import dev.s3dock.testing.engine.Engines;
import dev.s3dock.testing.engine.ImageSpec;
import dev.s3dock.testing.engine.TestImages;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tools that know nothing of s3dock read its archives: gzip and GNU tar, from the system. */
class ForeignToolsTest {
  private static final ImageSpec SPEC =
      ImageSpec.small().withFile("data", ChunkerTest.seeded(5 << 20, 8));

  @TempDir Path dir;

  private Path archive;
  private StoredArchive stored;

  @BeforeEach
  void pack() throws IOException {
    Path saved = TestImages.dockerSave(dir.resolve("in.tar"), SPEC, REFERENCE.toString());
    stored = StoredArchive.pack(ImageSource.ofFile(saved), dir);
    archive = Files.write(dir.resolve("image.tar.gz"), stored.bytes());
  }

  /** Runs a tool that must succeed and say nothing on its error stream. */
  private byte[] run(String... command) throws IOException, InterruptedException {
    Path errors = dir.resolve("errors");
    Process process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
    byte[] out = process.getInputStream().readAllBytes();
    assertThat(process.waitFor()).as("%s", List.of(command)).isZero();
    assertThat(errors).isEmptyFile();
    return out;
  }

  @Test
  void gzip_finds_the_archive_intact() throws Exception {
    run("gzip", "-t", archive.toString());
    assertThat(Digest.of(run("gzip", "-dc", archive.toString())))
        .isEqualTo(Digest.of(stored.tar()));
  }

  @Test
  void zstd_and_tar_read_an_archive_of_zstd_frames() throws Exception {
    Path saved = TestImages.dockerSave(dir.resolve("again.tar"), SPEC, REFERENCE.toString());
    StoredArchive zstd =
        StoredArchive.pack(ImageSource.ofFile(saved), dir, Compression.parse("zstd"));
    Path file = Files.write(dir.resolve("image.tar.zst"), zstd.bytes());
    String program = Engines.zstd().toString();
    run(program, "-q", "-t", file.toString());
    assertThat(Digest.of(run(program, "-dc", file.toString()))).isEqualTo(Digest.of(stored.tar()));
    Path layout = Files.createDirectory(dir.resolve("layout"));
    run("tar", "--zstd", "-xf", file.toString(), "-C", layout.toString());
    assertThat(ImageScanner.scan(ImageSource.of(layout)).imageId())
        .isEqualTo(stored.index().imageId());
    for (LayerEntry layer : zstd.index().layers()) {
      byte[] range = zstd.range(layer.offset(), (int) (layer.end() - layer.offset()));
      Path part = Files.write(dir.resolve("layer.tar.zst"), range);
      assertThat(Digest.of(run(program, "-dc", part.toString()))).isEqualTo(layer.diffId());
    }
  }

  @Test
  void tar_lists_the_layers_first_and_without_anything_of_the_machine() throws Exception {
    String list = new String(run("tar", "tvzf", archive.toString()), StandardCharsets.UTF_8);
    List<String> lines = list.lines().toList();
    assertThat(lines).hasSize(8).allMatch(line -> line.startsWith("-rw-r--r-- 0/0 "));
    BuiltImage image = new BuiltImage(SPEC);
    for (int i = 0; i < image.diffIds().size(); i++) {
      assertThat(lines.get(i)).endsWith("blobs/sha256/" + image.diffIds().get(i).hex());
    }
    assertThat(lines.get(3)).endsWith("blobs/sha256/" + image.imageId().hex());
    assertThat(lines.get(5)).endsWith(" index.json");
    assertThat(lines.get(6)).endsWith(" oci-layout");
    assertThat(lines.get(7)).endsWith(" manifest.json");
  }

  @Test
  void tar_unpacks_an_oci_layout() throws Exception {
    Path layout = Files.createDirectory(dir.resolve("layout"));
    run("tar", "xzf", archive.toString(), "-C", layout.toString());
    assertThat(ImageScanner.scan(ImageSource.of(layout)).imageId())
        .isEqualTo(stored.index().imageId());
  }

  @Test
  void gzip_unpacks_the_range_of_a_layer() throws Exception {
    for (LayerEntry layer : stored.index().layers()) {
      byte[] range = stored.range(layer.offset(), (int) (layer.end() - layer.offset()));
      Path file = Files.write(dir.resolve("layer.tar.gz"), range);
      assertThat(Digest.of(run("gzip", "-dc", file.toString()))).isEqualTo(layer.diffId());
      run("tar", "tzf", file.toString());
    }
  }
}
