package dev.s3dock.testing.engine;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.s3dock.image.Digest;
import dev.s3dock.testing.Packaging;
import dev.s3dock.testing.TestTar;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/** The bytes of an image: its layers, its config, and the documents of each form. */
public final class BuiltImage {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final ImageSpec spec;
  private final List<byte[]> layers = new ArrayList<>();
  private final List<Digest> diffIds;
  private final byte[] config;

  public BuiltImage(ImageSpec spec) {
    this.spec = spec;
    spec.layers().forEach(files -> layers.add(TestTar.of(files)));
    this.diffIds = layers.stream().map(Digest::of).toList();
    this.config = config();
  }

  public Digest imageId() {
    return Digest.of(config);
  }

  public byte[] configBytes() {
    return config.clone();
  }

  /** The uncompressed layer tars, from the base up. */
  public List<byte[]> layers() {
    return layers;
  }

  public List<Digest> diffIds() {
    return diffIds;
  }

  private byte[] config() {
    ObjectNode json = JSON.createObjectNode();
    json.put("architecture", spec.platform().architecture());
    ObjectNode labels = json.putObject("config").putObject("Labels");
    spec.labels().forEach(labels::put);
    json.put("created", "2025-07-21T21:18:00Z").put("os", spec.platform().os());
    ObjectNode rootfs = json.putObject("rootfs").put("type", "layers");
    ArrayNode diffIds = rootfs.putArray("diff_ids");
    this.diffIds.forEach(diffId -> diffIds.add(diffId.toString()));
    if (!spec.platform().variant().isEmpty()) {
      json.put("variant", spec.platform().variant());
    }
    return bytes(json);
  }

  /** Blobs and OCI manifest; the manifest is the last entry. */
  SequencedMap<String, byte[]> ociBlobs(Packaging packaging) {
    SequencedMap<String, byte[]> files = new LinkedHashMap<>();
    files.put(blob(config), config);
    ObjectNode manifest =
        JSON.createObjectNode()
            .put("schemaVersion", 2)
            .put("mediaType", "application/vnd.oci.image.manifest.v1+json");
    manifest.set("config", descriptor("application/vnd.oci.image.config.v1+json", config));
    ArrayNode list = manifest.putArray("layers");
    for (int i = 0; i < layers.size(); i++) {
      byte[] stored = packaging.apply(layers.get(i));
      Digest digest = packaging == Packaging.PLAIN ? diffIds.get(i) : Digest.of(stored);
      files.put(blob(digest), stored);
      String type = "application/vnd.oci.image.layer.v1.tar" + packaging.mediaTypeSuffix();
      list.add(descriptor(type, digest, stored.length));
    }
    byte[] bytes = bytes(manifest);
    files.putLast(blob(bytes), bytes);
    return files;
  }

  /** What an OCI index says of the image with this manifest. */
  ObjectNode ociDescriptor(byte[] manifest, String reference) {
    ObjectNode descriptor = descriptor("application/vnd.oci.image.manifest.v1+json", manifest);
    if (!reference.isEmpty()) {
      descriptor
          .putObject("annotations")
          .put("io.containerd.image.name", "docker.io/library/" + reference)
          .put(
              "org.opencontainers.image.ref.name",
              reference.substring(reference.lastIndexOf(':') + 1));
    }
    ObjectNode platform = descriptor.putObject("platform");
    platform.put("architecture", spec.platform().architecture()).put("os", spec.platform().os());
    return descriptor;
  }

  /** Its entry in Docker's manifest.json, with these names of the layers. */
  ObjectNode dockerEntry(String configName, String reference, List<String> layerNames) {
    ObjectNode entry = JSON.createObjectNode().put("Config", configName);
    if (reference.isEmpty()) {
      entry.putNull("RepoTags");
    } else {
      entry.putArray("RepoTags").add(reference);
    }
    ArrayNode list = entry.putArray("Layers");
    layerNames.forEach(list::add);
    return entry;
  }

  static byte[] ociIndex(List<ObjectNode> descriptors) {
    ObjectNode index =
        JSON.createObjectNode()
            .put("schemaVersion", 2)
            .put("mediaType", "application/vnd.oci.image.index.v1+json");
    index.putArray("manifests").addAll(descriptors);
    return bytes(index);
  }

  static byte[] array(List<ObjectNode> entries) {
    return bytes(JSON.createArrayNode().addAll(entries));
  }

  static String blob(byte[] content) {
    return blob(Digest.of(content));
  }

  static String blob(Digest digest) {
    return "blobs/sha256/" + digest.hex();
  }

  private static ObjectNode descriptor(String type, byte[] content) {
    return descriptor(type, Digest.of(content), content.length);
  }

  private static ObjectNode descriptor(String type, Digest digest, int size) {
    return JSON.createObjectNode()
        .put("mediaType", type)
        .put("digest", digest.toString())
        .put("size", size);
  }

  private static byte[] bytes(com.fasterxml.jackson.databind.JsonNode json) {
    return json.toString().getBytes(StandardCharsets.UTF_8);
  }
}
