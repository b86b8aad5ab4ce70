package dev.s3dock.transfer.pull;

import dev.s3dock.archive.ArchiveIndex;
import dev.s3dock.archive.Compression.Algorithm;
import dev.s3dock.archive.LayerEntry;
import dev.s3dock.archive.oci.ImageConfig;
import dev.s3dock.archive.oci.ImageManifest;
import dev.s3dock.archive.read.LayerStreams;
import dev.s3dock.engine.EngineInfo.ImageStore;
import dev.s3dock.image.Digest;
import java.io.IOException;
import java.io.InputStream;

/** How the layers of an image are handed to an engine that pulls them. */
enum LayerForm {
  /** As they lie in the archive: each is a gzip file. */
  STORED {
    @Override
    Digest digest(LayerEntry layer) {
      return layer.blob().orElseThrow();
    }

    @Override
    long size(LayerEntry layer) {
      return layer.length();
    }

    @Override
    InputStream open(LayerStreams streams, LayerEntry layer, long from) throws IOException {
      return streams.openStored(layer, from);
    }

    @Override
    ImageManifest manifest(ImageConfig config, ArchiveIndex index) {
      return ImageManifest.compressed(config, index.compression().algorithm(), index.layers())
          .orElseThrow();
    }
  },

  /** Tars, whose digests are their diff_ids. */
  UNCOMPRESSED {
    @Override
    Digest digest(LayerEntry layer) {
      return layer.diffId();
    }

    @Override
    long size(LayerEntry layer) {
      return layer.size();
    }

    @Override
    InputStream open(LayerStreams streams, LayerEntry layer, long from) throws IOException {
      return from == 0 ? streams.open(layer) : streams.openRest(layer, from);
    }

    @Override
    ImageManifest manifest(ImageConfig config, ArchiveIndex index) {
      return ImageManifest.uncompressed(config, index.sizes());
    }
  };

  /**
   * What takes an engine least. A graph driver writes what it receives to its disk and reads it
   * again, and decompresses while it unpacks. The containerd store keeps the blobs, and tells an
   * image that was loaded from one that was pulled by their form: there they are the same.
   */
  static LayerForm of(ImageStore store, ArchiveIndex index) {
    boolean known = index.layers().stream().allMatch(layer -> layer.blob().isPresent());
    return store == ImageStore.GRAPH_DRIVER
            && known
            && index.compression().algorithm() == Algorithm.GZIP
        ? STORED
        : UNCOMPRESSED;
  }

  /** What the engine calls a layer. */
  abstract Digest digest(LayerEntry layer);

  /** Bytes of it as it is handed out. */
  abstract long size(LayerEntry layer);

  /**
   * Opens a layer.
   *
   * @param from the first byte that is wanted
   */
  abstract InputStream open(LayerStreams streams, LayerEntry layer, long from) throws IOException;

  /** What names the layers in this form. */
  abstract ImageManifest manifest(ImageConfig config, ArchiveIndex index);
}
