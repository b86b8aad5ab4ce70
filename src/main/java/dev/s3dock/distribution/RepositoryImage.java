package dev.s3dock.distribution;

import dev.s3dock.archive.ArchiveIndex;
import dev.s3dock.archive.Compression;
import dev.s3dock.archive.Descriptor;
import dev.s3dock.archive.LayerEntry;
import dev.s3dock.archive.oci.ImageConfig;
import dev.s3dock.archive.oci.ImageLayout;
import dev.s3dock.archive.oci.ImageManifest;
import dev.s3dock.image.Digest;
import dev.s3dock.registry.ImageKey;
import dev.s3dock.store.ETag;
import dev.s3dock.store.ObjectStat;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * An image as a registry shows it: its documents, and where its layers lie. It does not hold the
 * index, which may be large.
 */
final class RepositoryImage {
  private final ImageKey key;
  private final State state;
  private final ImageConfig config;
  private final boolean zstd;
  private final Optional<Document> compressed;
  private final Document uncompressed;
  private final Map<Digest, ServedBlob> blobs;

  /**
   * What it was read from.
   *
   * @param metadata its state
   * @param archive as it is stored
   */
  record State(ETag metadata, ObjectStat archive) {}

  private RepositoryImage(
      ImageKey key,
      State state,
      ImageConfig config,
      boolean zstd,
      Optional<Document> compressed,
      Document uncompressed,
      Map<Digest, ServedBlob> blobs) {
    this.key = key;
    this.state = state;
    this.config = config;
    this.zstd = zstd;
    this.compressed = compressed;
    this.uncompressed = uncompressed;
    this.blobs = blobs;
  }

  /** The image of this archive. */
  static RepositoryImage of(ImageKey key, State state, ArchiveIndex index, ImageConfig config) {
    Compression.Algorithm algorithm = index.compression().algorithm();
    return new RepositoryImage(
        key,
        state,
        config,
        algorithm == Compression.Algorithm.ZSTD,
        ImageManifest.compressed(config, algorithm, index.layers()).map(RepositoryImage::document),
        document(ImageManifest.uncompressed(config, index.sizes())),
        blobs(key, state, index, config));
  }

  private static Map<Digest, ServedBlob> blobs(
      ImageKey key, State state, ArchiveIndex index, ImageConfig config) {
    Map<Digest, ServedBlob> blobs = new HashMap<>();
    for (LayerEntry layer : index.layers()) {
      blobs.put(
          layer.diffId(),
          new ServedBlob.Uncompressed(layer.diffId(), layer.size(), key, state.archive()));
      layer
          .blob()
          .ifPresent(
              digest ->
                  blobs.put(
                      digest,
                      new ServedBlob.Compressed(
                          digest, layer.length(), key, state.archive(), layer.offset())));
    }
    blobs.put(config.digest(), new ServedBlob.Config(config.digest(), config.bytes()));
    return blobs;
  }

  private static Document document(ImageManifest manifest) {
    Descriptor descriptor = manifest.descriptor();
    return new Document(descriptor.mediaType(), descriptor.digest(), manifest.bytes());
  }

  ImageKey key() {
    return key;
  }

  State state() {
    return state;
  }

  /**
   * Its manifest: of the layers as they are stored, where their digests are known and the client
   * can unpack them; else of uncompressed layers, which every client can.
   *
   * @param takesZstd whether layers may be compressed with zstd
   */
  Document manifest(boolean takesZstd) {
    return zstd && !takesZstd ? uncompressed : compressed.orElse(uncompressed);
  }

  /** All manifests that there are of it, the usual one first. */
  List<Document> manifests() {
    return Stream.concat(compressed.stream(), Stream.of(uncompressed)).toList();
  }

  Optional<ServedBlob> blob(Digest digest) {
    return Optional.ofNullable(blobs.get(digest));
  }

  /** Digests of its config and its layers, in both forms. */
  Set<Digest> blobs() {
    return blobs.keySet();
  }

  /** What an index says of it. */
  void describe(com.fasterxml.jackson.databind.node.ObjectNode entry, boolean takesZstd) {
    Document manifest = manifest(takesZstd);
    entry
        .put("mediaType", ImageLayout.MANIFEST_TYPE)
        .put("digest", manifest.digest().toString())
        .put("size", manifest.bytes().length);
    var platform = entry.putObject("platform");
    platform.put("architecture", config.platform().architecture());
    platform.put("os", config.platform().os());
    if (!config.platform().variant().isEmpty()) {
      platform.put("variant", config.platform().variant());
    }
  }

  /** Bytes of memory that it takes, about. */
  int weight() {
    return 4096 + config.bytes().length + 2 * uncompressed.bytes().length + 1024 * blobs.size();
  }
}
