package dev.s3dock.archive.oci;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.s3dock.archive.CanonicalTar;
import dev.s3dock.archive.Json;
import dev.s3dock.image.Digest;
import dev.s3dock.image.ImageReference;
import dev.s3dock.image.Platform;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;

/**
 * The documents that make some layers an image: an OCI image layout (image-spec image-layout.md)
 * that also carries Docker's {@code manifest.json}. They follow from the config, the layers' sizes
 * and the reference alone.
 */
public final class ImageLayout {
  public static final String INDEX = "index.json";
  public static final String MARKER = "oci-layout";
  public static final String DOCKER_MANIFEST = "manifest.json";

  public static final String INDEX_TYPE = "application/vnd.oci.image.index.v1+json";
  public static final String MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json";
  public static final String CONFIG_TYPE = "application/vnd.oci.image.config.v1+json";
  static final String LAYER_TYPE = "application/vnd.oci.image.layer.v1.tar";

  /** Under this annotation containerd and Docker 25 and later look for an image's full name. */
  public static final String NAME_ANNOTATION = "io.containerd.image.name";

  /** Under this one OCI tools look for its tag (image-spec annotations.md). */
  public static final String TAG_ANNOTATION = "org.opencontainers.image.ref.name";

  private final ImageConfig config;
  private final byte[] manifest;
  private final byte[] index;
  private final ObjectNode descriptor;
  private final byte[] dockerManifest;

  /**
   * Lays an image out.
   *
   * @param sizes bytes of each layer, uncompressed
   */
  public ImageLayout(ImageConfig config, Map<Digest, Long> sizes, ImageReference reference) {
    this.config = config;
    this.manifest = ImageManifest.uncompressed(config, sizes).bytes();
    this.descriptor = descriptor(manifest, config.platform(), reference);
    this.index = Json.bytes(index(descriptor));
    this.dockerManifest = Json.bytes(dockerManifest(config, reference));
  }

  /** Digest of the OCI manifest. */
  public Digest manifestDigest() {
    return Digest.of(manifest);
  }

  /** The OCI manifest. */
  public byte[] manifest() {
    return manifest.clone();
  }

  /** What an OCI index says of this image. */
  public ObjectNode descriptor() {
    return descriptor;
  }

  /** An OCI index of one image. */
  public static ObjectNode index(ObjectNode descriptor) {
    ObjectNode index = Json.object().put("schemaVersion", 2).put("mediaType", INDEX_TYPE);
    index.putArray("manifests").add(descriptor);
    return index;
  }

  /** The {@code oci-layout} file. */
  public static byte[] marker() {
    return "{\"imageLayoutVersion\":\"1.0.0\"}".getBytes(StandardCharsets.US_ASCII);
  }

  /** Config and OCI manifest by name. */
  public SequencedMap<String, byte[]> blobs() {
    SequencedMap<String, byte[]> blobs = new LinkedHashMap<>();
    blobs.put(CanonicalTar.blobName(config.digest()), config.bytes());
    blobs.put(CanonicalTar.blobName(manifestDigest()), manifest);
    return blobs;
  }

  /** The canonical tar from the header of the config to its end. */
  public byte[] tarEnd() {
    SequencedMap<String, byte[]> files = blobs();
    files.put(INDEX, index);
    files.put(MARKER, marker());
    files.put(DOCKER_MANIFEST, dockerManifest);
    ByteArrayOutputStream tar = new ByteArrayOutputStream();
    files.forEach(
        (name, content) -> {
          tar.writeBytes(CanonicalTar.header(name, content.length));
          tar.writeBytes(content);
          tar.writeBytes(CanonicalTar.padding(content.length));
        });
    tar.writeBytes(CanonicalTar.end());
    return tar.toByteArray();
  }

  private static ObjectNode descriptor(
      byte[] manifest, Platform platform, ImageReference reference) {
    ObjectNode descriptor =
        Json.object()
            .put("mediaType", MANIFEST_TYPE)
            .put("digest", Digest.of(manifest).toString())
            .put("size", manifest.length);
    descriptor
        .putObject("annotations")
        .put(NAME_ANNOTATION, "docker.io/library/" + reference)
        .put(TAG_ANNOTATION, reference.tag());
    ObjectNode runsOn = descriptor.putObject("platform");
    runsOn.put("architecture", platform.architecture()).put("os", platform.os());
    if (!platform.variant().isEmpty()) {
      runsOn.put("variant", platform.variant());
    }
    return descriptor;
  }

  private static ArrayNode dockerManifest(ImageConfig config, ImageReference reference) {
    ArrayNode images = Json.object().arrayNode();
    ObjectNode image = images.addObject().put("Config", CanonicalTar.blobName(config.digest()));
    image.putArray("RepoTags").add(reference.toString());
    ArrayNode layers = image.putArray("Layers");
    config.diffIds().forEach(diffId -> layers.add(CanonicalTar.blobName(diffId)));
    return images;
  }
}
