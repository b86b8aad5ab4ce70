package dev.s3dock.archive.oci;

import static dev.s3dock.archive.StoredArchive.REFERENCE;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.s3dock.archive.ArchiveIndex;
import dev.s3dock.archive.Compression;
import dev.s3dock.archive.LayerEntry;
import dev.s3dock.archive.LeadingLayers;
import dev.s3dock.archive.Sources;
import dev.s3dock.archive.StoredArchive;
import dev.s3dock.archive.cache.ChunkCache;
import dev.s3dock.archive.source.ImageSource;
import dev.s3dock.archive.write.ArchiveInput;
import dev.s3dock.archive.write.ArchivePacker;
import dev.s3dock.archive.write.PackedImage;
import dev.s3dock.image.Digest;
import dev.s3dock.testing.TestTar;
import dev.s3dock.testing.engine.BuiltImage;
import dev.s3dock.testing.engine.ImageSpec;
import dev.s3dock.testing.engine.TestImages;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a registry says of an image, out of the index of its archive. */
class ImageManifestTest {
  private static final ImageSpec BASE = ImageSpec.small();

  private static final ImageSpec SPEC = BASE.withFile("app", new byte[3_000_000]);

  @TempDir Path folder;

  private static ImageSource saved(ImageSpec spec) {
    return ImageSource.ofStream(
        new ByteArrayInputStream(
            TestTar.of(TestImages.dockerSaveFiles(spec, REFERENCE.toString()))),
        "test image");
  }

  private static byte[] config(StoredArchive stored) throws IOException {
    return stored.reader().config();
  }

  @ParameterizedTest
  @CsvSource({
    "gzip:1, application/vnd.oci.image.layer.v1.tar+gzip",
    "zstd:3, application/vnd.oci.image.layer.v1.tar+zstd"
  })
  void it_names_each_layer_by_the_digest_of_its_compressed_bytes(String compression, String type)
      throws IOException {
    StoredArchive stored =
        StoredArchive.pack(saved(SPEC), folder, Compression.parse(compression)).reread();
    ImageConfig config = ImageConfig.parse(config(stored));
    ImageManifest manifest =
        ImageManifest.compressed(
                config, stored.index().compression().algorithm(), stored.index().layers())
            .orElseThrow();

    JsonNode json = new ObjectMapper().readTree(manifest.bytes());

    assertThat(json.at("/config/digest").asText()).isEqualTo(stored.index().imageId().toString());
    assertThat(json.at("/layers")).hasSize(config.diffIds().size());
    for (int i = 0; i < config.diffIds().size(); i++) {
      Digest diffId = config.diffIds().get(i);
      LayerEntry layer =
          stored.index().layers().stream()
              .filter(entry -> entry.diffId().equals(diffId))
              .findFirst()
              .orElseThrow();
      byte[] blob = stored.range(layer.offset(), (int) layer.length());
      assertThat(json.at("/layers/" + i + "/digest").asText())
          .isEqualTo(Digest.of(blob).toString());
      assertThat(json.at("/layers/" + i + "/size").asInt()).isEqualTo(blob.length);
      assertThat(json.at("/layers/" + i + "/mediaType").asText()).isEqualTo(type);
    }
    assertThat(stored.index().manifest()).contains(manifest.descriptor());
    assertThat(manifest.descriptor().digest()).isEqualTo(Digest.of(manifest.bytes()));
  }

  @Test
  void a_layer_in_a_gzip_archive_is_a_gzip_file() throws IOException {
    StoredArchive stored = StoredArchive.pack(saved(SPEC), folder, Compression.gzip(1));
    for (LayerEntry layer : stored.index().layers()) {
      byte[] blob = stored.range(layer.offset(), (int) layer.length());
      try (InputStream raw = new GZIPInputStream(new ByteArrayInputStream(blob))) {
        assertThat(Digest.of(raw.readAllBytes())).isEqualTo(layer.diffId());
      }
    }
  }

  @Test
  void the_manifest_of_uncompressed_layers_is_the_one_in_the_archive() throws IOException {
    BuiltImage image = new BuiltImage(SPEC);
    StoredArchive stored = StoredArchive.pack(saved(SPEC), folder, Compression.gzip(1));
    ImageManifest manifest =
        ImageManifest.uncompressed(ImageConfig.parse(config(stored)), stored.index().sizes());
    assertThat(manifest.descriptor().digest()).isEqualTo(stored.reader().manifestDigest());
    assertThat(manifest.layers().stream().map(layer -> layer.digest()).toList())
        .isEqualTo(image.diffIds());
  }

  @Test
  void layers_that_a_base_lends_keep_its_figures() throws IOException {
    StoredArchive base = StoredArchive.pack(saved(BASE), folder, Compression.gzip(1));
    ArchiveIndex alone = StoredArchive.pack(saved(SPEC), folder, Compression.gzip(1)).index();

    ArchiveIndex lent = packedOn(base.index().layers());

    assertThat(lent.manifest()).isPresent().isEqualTo(alone.manifest());
    assertThat(lent.layers()).isEqualTo(alone.layers());
  }

  @Test
  void on_a_base_of_before_there_is_no_manifest() throws IOException {
    StoredArchive base = StoredArchive.pack(saved(BASE), folder, Compression.gzip(1));
    List<LayerEntry> old = new ArrayList<>();
    for (LayerEntry layer : base.index().layers()) {
      old.add(
          new LayerEntry(
              layer.diffId(), layer.size(), layer.chunks(), layer.md5AtEnd(), Optional.empty()));
    }

    ArchiveIndex index = packedOn(old);

    assertThat(index.manifest()).isEmpty();
    assertThat(index.layers().getFirst().blob()).isEmpty();
    assertThat(index.layers().getLast().blob()).isPresent();
    assertThat(ArchiveIndex.parse(Sources.JSON.readTree(index.toJson().toString())))
        .isEqualTo(index);
  }

  private ArchiveIndex packedOn(List<LayerEntry> base) throws IOException {
    ArchivePacker packer =
        new ArchivePacker(folder, Compression.gzip(1), StoredArchive.THREADS, ChunkCache.none());
    try (PackedImage packed =
            packer.pack(saved(SPEC), REFERENCE, new LeadingLayers(base), raw -> {});
        ArchiveInput in = packed.open()) {
      in.readAllBytes();
      return in.index();
    }
  }
}
