package dev.s3dock.archive.oci;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.s3dock.archive.Compression;
import dev.s3dock.archive.Descriptor;
import dev.s3dock.archive.Json;
import dev.s3dock.archive.LayerEntry;
import dev.s3dock.image.Digest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The OCI manifest of an image (image-spec manifest.md): schema 2, no annotations. It follows from
 * the config and the layers alone, so that whoever makes it gets the same bytes.
 *
 * @param bytes of the document
 * @param layers as the config lists them, a repeated one again
 */
@SuppressWarnings("ArrayRecordComponent") // identified by its digest, never compared
public record ImageManifest(byte[] bytes, List<Descriptor> layers) {
  public ImageManifest {
    layers = List.copyOf(layers);
  }

  /**
   * The manifest by which a registry serves the image out of its archive: the layers as they lie
   * there. Empty if the blob of one is unknown.
   *
   * @param entries each layer of the config, once
   * @throws IllegalArgumentException if one is missing
   */
  public static Optional<ImageManifest> compressed(
      ImageConfig config, Compression.Algorithm compression, List<LayerEntry> entries) {
    Map<Digest, Descriptor> blobs = new HashMap<>();
    for (LayerEntry entry : entries) {
      if (entry.blob().isEmpty()) {
        return Optional.empty();
      }
      blobs.put(
          entry.diffId(),
          new Descriptor(mediaType(compression), entry.blob().get(), entry.length()));
    }
    return Optional.of(of(config, blobs));
  }

  /**
   * The manifest of uncompressed layers, whose digests are their diff_ids: the one that the archive
   * itself holds. Every engine reads such layers.
   *
   * @param sizes bytes of each layer, uncompressed
   * @throws IllegalArgumentException if one is missing
   */
  public static ImageManifest uncompressed(ImageConfig config, Map<Digest, Long> sizes) {
    Map<Digest, Descriptor> blobs = new HashMap<>();
    sizes.forEach(
        (diffId, size) -> blobs.put(diffId, new Descriptor(ImageLayout.LAYER_TYPE, diffId, size)));
    return of(config, blobs);
  }

  private static ImageManifest of(ImageConfig config, Map<Digest, Descriptor> blobs) {
    List<Descriptor> layers = new ArrayList<>();
    for (Digest diffId : config.diffIds()) {
      Descriptor blob = blobs.get(diffId);
      if (blob == null) {
        throw new IllegalArgumentException("the size is unknown of layer " + diffId);
      }
      layers.add(blob);
    }
    ObjectNode manifest =
        Json.object().put("schemaVersion", 2).put("mediaType", ImageLayout.MANIFEST_TYPE);
    manifest.set(
        "config",
        json(new Descriptor(ImageLayout.CONFIG_TYPE, config.digest(), config.bytes().length)));
    ArrayNode list = manifest.putArray("layers");
    layers.forEach(layer -> list.add(json(layer)));
    return new ImageManifest(Json.bytes(manifest), layers);
  }

  private static ObjectNode json(Descriptor descriptor) {
    return Json.object()
        .put("mediaType", descriptor.mediaType())
        .put("digest", descriptor.digest().toString())
        .put("size", descriptor.size());
  }

  private static String mediaType(Compression.Algorithm compression) {
    return ImageLayout.LAYER_TYPE + "+" + compression;
  }

  /** What stands for it elsewhere. */
  public Descriptor descriptor() {
    return new Descriptor(ImageLayout.MANIFEST_TYPE, Digest.of(bytes), bytes.length);
  }
}
