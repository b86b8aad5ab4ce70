package dev.s3dock.transfer.pull;

import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.archive.ArchiveIndex;
import dev.s3dock.archive.Compression;
import dev.s3dock.archive.LayerEntry;
import dev.s3dock.engine.EngineInfo.ImageStore;
import dev.s3dock.image.ImageReference;
import dev.s3dock.testing.engine.ImageSpec;
import dev.s3dock.testing.store.MemoryObjectStore;
import dev.s3dock.transfer.PublishedIndex;
import dev.s3dock.transfer.push.PushingBucket;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LayerFormTest {
  private static final ImageReference REFERENCE =
      ImageReference.parse("my-app:20250721-2118-f7a5a27");
  private static ArchiveIndex index;

  @BeforeAll
  static void publish(@TempDir Path folder) throws IOException {
    PushingBucket bucket = new PushingBucket(new MemoryObjectStore(), folder);
    bucket.push(REFERENCE, ImageSpec.small());
    index = PublishedIndex.of(bucket.images().require(REFERENCE)).orElseThrow();
  }

  private static ArchiveIndex with(Compression compression, List<LayerEntry> layers) {
    return new ArchiveIndex(
        index.format(),
        index.imageId(),
        index.platform(),
        compression,
        index.compressor(),
        index.objectEtag(),
        layers,
        index.tail(),
        Optional.empty(),
        index.config());
  }

  @Test
  void a_graph_driver_gets_the_layers_as_they_are_stored_and_a_containerd_store_tars() {
    LayerEntry layer = index.layers().getFirst();
    LayerForm stored = LayerForm.of(ImageStore.GRAPH_DRIVER, index);
    assertThat(stored).isEqualTo(LayerForm.STORED);
    assertThat(stored.digest(layer)).isEqualTo(layer.blob().orElseThrow());
    assertThat(stored.size(layer)).isEqualTo(layer.length());
    LayerForm tars = LayerForm.of(ImageStore.CONTAINERD, index);
    assertThat(tars).isEqualTo(LayerForm.UNCOMPRESSED);
    assertThat(tars.digest(layer)).isEqualTo(layer.diffId());
    assertThat(tars.size(layer)).isEqualTo(layer.size());
  }

  @Test
  void zstd_and_layers_whose_blobs_are_unknown_are_decompressed_here() {
    Compression zstd = new Compression(Compression.Algorithm.ZSTD, 3);
    assertThat(LayerForm.of(ImageStore.GRAPH_DRIVER, with(zstd, index.layers())))
        .isEqualTo(LayerForm.UNCOMPRESSED);
    List<LayerEntry> nameless =
        index.layers().stream()
            .map(
                it ->
                    new LayerEntry(
                        it.diffId(), it.size(), it.chunks(), it.md5AtEnd(), Optional.empty()))
            .toList();
    assertThat(LayerForm.of(ImageStore.GRAPH_DRIVER, with(index.compression(), nameless)))
        .isEqualTo(LayerForm.UNCOMPRESSED);
  }
}
