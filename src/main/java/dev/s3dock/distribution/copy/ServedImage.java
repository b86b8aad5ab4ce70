package dev.s3dock.distribution.copy;

import dev.s3dock.archive.ArchiveIndex;
import dev.s3dock.archive.Chunk;
import dev.s3dock.archive.CorruptArchiveException;
import dev.s3dock.archive.Descriptor;
import dev.s3dock.archive.LayerEntry;
import dev.s3dock.archive.oci.ImageConfig;
import dev.s3dock.archive.oci.ImageLayout;
import dev.s3dock.archive.oci.ImageManifest;
import dev.s3dock.archive.read.ArchiveReader;
import dev.s3dock.archive.read.RangeFetcher;
import dev.s3dock.archive.read.StoredChunk;
import dev.s3dock.image.Digest;
import dev.s3dock.image.ImageReference;
import dev.s3dock.registry.Published;
import dev.s3dock.store.ObjectStore;
import dev.s3dock.transfer.ArchiveDownload;
import dev.s3dock.transfer.ArchiveFile;
import dev.s3dock.transfer.ArchiveStream;
import dev.s3dock.transfer.PublishedIndex;
import dev.s3dock.transfer.TransferException;
import dev.s3dock.transfer.TransferException.Kind;
import dev.s3dock.transfer.TransferProgress;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;

/** A published image as blobs: its layers are ranges of the archive, as they lie there. */
final class ServedImage {
  private final ImageConfig config;
  private final ImageManifest manifest;
  private final ArchiveIndex index;
  private final Map<Digest, LayerEntry> layers = new LinkedHashMap<>();
  private final RangeFetcher archive;
  private final boolean found;

  private ServedImage(
      ImageConfig config,
      ImageManifest manifest,
      ArchiveIndex index,
      RangeFetcher archive,
      boolean found) {
    this.found = found;
    this.config = config;
    this.manifest = manifest;
    this.index = index;
    this.archive = archive;
  }

  /** A blob of it. */
  interface Blob {
    Descriptor descriptor();

    /** Its bytes from the beginning. */
    InputStream open();
  }

  /**
   * Reads what there is to know. An archive of before, whose index does not tell the digests of the
   * compressed layers, is read to find them.
   *
   * @param step told of the bytes that are read
   */
  static ServedImage of(
      ObjectStore store, Published image, int retries, int threads, TransferProgress.Step step)
      throws IOException {
    ImageReference reference = image.key().reference();
    ArchiveIndex index =
        PublishedIndex.of(image)
            .orElseThrow(
                () ->
                    new TransferException(
                        Kind.REFUSED,
                        "%s was pushed by the original s3dock, and cannot be copied as it is: pull it and push it again with --force, then copy it"
                            .formatted(reference)));
    RangeFetcher archive =
        new ArchiveDownload(store, ArchiveFile.archiveOf(store, image), retries, step);
    ImageConfig config =
        ImageConfig.parse(new ArchiveReader(index, reference, archive, threads).indexedConfig());
    List<LayerEntry> entries = new ArrayList<>();
    for (LayerEntry layer : index.layers()) {
      entries.add(layer.blob().isPresent() ? layer : identified(layer, archive));
    }
    ImageManifest manifest =
        ImageManifest.compressed(config, index.compression().algorithm(), entries).orElseThrow();
    if (index.manifest().isPresent() && !index.manifest().get().equals(manifest.descriptor())) {
      throw new CorruptArchiveException(
          "the index of %s tells another manifest than its layers make; push the image again to replace it"
              .formatted(reference));
    }
    boolean found = !entries.equals(index.layers());
    ArchiveIndex whole =
        index.withServed(entries, manifest.descriptor(), ArchiveIndex.shortConfig(config.bytes()));
    ServedImage served = new ServedImage(config, manifest, whole, archive, found);
    entries.forEach(layer -> served.layers.put(layer.blob().orElseThrow(), layer));
    return served;
  }

  /** What is found is kept, so it is verified: these are the bytes that the index describes. */
  private static LayerEntry identified(LayerEntry layer, RangeFetcher archive) throws IOException {
    MessageDigest sha256 = Digest.start();
    try (InputStream in = range(archive, layer)) {
      for (Chunk chunk : layer.chunks()) {
        byte[] bytes = in.readNBytes(chunk.length());
        sha256.update(bytes);
        new StoredChunk(chunk, bytes, 0, false).decompress();
      }
    }
    return new LayerEntry(
        layer.diffId(),
        layer.size(),
        layer.chunks(),
        layer.md5AtEnd(),
        Optional.of(Digest.of(sha256)));
  }

  private static InputStream range(RangeFetcher archive, LayerEntry layer) {
    return new ArchiveStream(
        (offset, length) -> archive.fetch(layer.offset() + offset, length), layer.length());
  }

  ImageManifest manifest() {
    return manifest;
  }

  /** With what the metadata may lack. */
  ArchiveIndex index() {
    return index;
  }

  /** True if the metadata lacked something, for which the archive was read. */
  boolean isFound() {
    return found;
  }

  /** Layers from the base up, each once, then the config. */
  List<Blob> blobs() {
    List<Blob> blobs = new ArrayList<>();
    manifest.layers().stream()
        .distinct()
        .forEach(
            layer ->
                blobs.add(
                    blob(
                        layer,
                        () -> range(archive, Objects.requireNonNull(layers.get(layer.digest()))))));
    byte[] bytes = config.bytes();
    Descriptor descriptor = new Descriptor(ImageLayout.CONFIG_TYPE, config.digest(), bytes.length);
    blobs.add(blob(descriptor, () -> new ByteArrayInputStream(bytes)));
    return blobs;
  }

  private static Blob blob(Descriptor descriptor, Supplier<InputStream> open) {
    return new Blob() {
      @Override
      public Descriptor descriptor() {
        return descriptor;
      }

      @Override
      public InputStream open() {
        return open.get();
      }
    };
  }
}
