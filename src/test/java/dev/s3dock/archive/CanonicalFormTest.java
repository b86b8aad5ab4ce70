package dev.s3dock.archive;

import static dev.s3dock.archive.StoredArchive.REFERENCE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.archive.source.ImageSource;
import dev.s3dock.image.Digest;
import dev.s3dock.testing.Noise;
import dev.s3dock.testing.Packaging;
import dev.s3dock.testing.engine.BuiltImage;
import dev.s3dock.testing.engine.ImageSpec;
import dev.s3dock.testing.engine.TestImages;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The same image gives the same uncompressed tar, whatever form it comes in. */
class CanonicalFormTest {
  private static final String NAME = REFERENCE.toString();

  @TempDir Path dir;

  private final ImageSpec spec = image();

  private static ImageSpec image() {
    byte[] big = Noise.of(7, 9 << 20);
    return ImageSpec.empty()
        .withFile("etc/os-release", "NAME=test\n")
        .withFile("opt/data", big)
        .withFile("etc/os-release", "NAME=test\n") // a repeated layer
        .withFile("app/run", "#!/bin/sh\n")
        .withLabel("org.opencontainers.image.version", "1");
  }

  private List<ImageSource> allForms() {
    List<Path> files = new ArrayList<>();
    files.add(TestImages.dockerSave(dir.resolve("docker.tar"), spec, NAME));
    files.add(TestImages.legacyDockerSave(dir.resolve("legacy.tar"), spec, NAME));
    for (Packaging packaging : Packaging.values()) {
      files.add(TestImages.ociArchive(dir.resolve("oci-" + packaging), spec, NAME, packaging));
      files.add(TestImages.ociLayout(dir.resolve("dir-" + packaging), spec, NAME, packaging));
      files.add(
          TestImages.packaged(dir.resolve("docker-" + packaging), files.getFirst(), packaging));
    }
    return files.stream().map(this::source).toList();
  }

  private ImageSource source(Path path) {
    return Files.isDirectory(path) ? ImageSource.ofOciLayout(path) : ImageSource.ofFile(path);
  }

  @Test
  void all_forms_give_the_same_tar() throws IOException {
    byte[] tar = null;
    for (ImageSource source : allForms()) {
      StoredArchive stored = StoredArchive.pack(source, dir);
      byte[] gunzipped =
          new GZIPInputStream(new ByteArrayInputStream(stored.bytes())).readAllBytes();
      assertThat(Digest.of(stored.tar()))
          .as("read back, %s", source)
          .isEqualTo(Digest.of(gunzipped));
      tar = tar == null ? gunzipped : tar;
      assertThat(Digest.of(gunzipped)).as("%s", source).isEqualTo(Digest.of(tar));
      assertThat(stored.index().imageId()).isEqualTo(new BuiltImage(spec).imageId());
      assertThat(stored.reread().index()).isEqualTo(stored.index());
    }
  }

  @Test
  void an_archive_is_a_source_again() throws IOException {
    StoredArchive stored = StoredArchive.pack(allForms().getFirst(), dir);
    Path file = Files.write(dir.resolve("again.tar.gz"), stored.bytes());
    StoredArchive again = StoredArchive.pack(ImageSource.of(file), dir);
    assertThat(again.bytes()).isEqualTo(stored.bytes());
    assertThat(again.md5Hex()).isEqualTo(stored.md5Hex());
  }

  @Test
  void the_layer_range_is_a_gzip_file_of_the_layer() throws IOException {
    StoredArchive stored = StoredArchive.pack(allForms().getFirst(), dir);
    for (LayerEntry layer : stored.index().layers()) {
      byte[] range = stored.range(layer.offset(), (int) (layer.end() - layer.offset()));
      byte[] tar = new GZIPInputStream(new ByteArrayInputStream(range)).readAllBytes();
      assertThat(Digest.of(tar)).isEqualTo(layer.diffId());
    }
  }

  @Test
  void layout_folder_holds_the_image() throws IOException {
    StoredArchive stored = StoredArchive.pack(allForms().getFirst(), dir);
    Path layout = dir.resolve("layout");
    stored.reader().writeOciLayout(layout);
    StoredArchive again = StoredArchive.pack(ImageSource.of(layout), dir);
    assertThat(again.bytes()).isEqualTo(stored.bytes());
  }
}
