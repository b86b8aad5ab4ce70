package dev.s3dock.archive.oci;

import static dev.s3dock.archive.Sources.IMAGE;
import static dev.s3dock.archive.Sources.JSON;
import static dev.s3dock.archive.Sources.NAME;
import static dev.s3dock.archive.Sources.SPEC;
import static dev.s3dock.archive.Sources.assertCorrupt;
import static dev.s3dock.archive.Sources.assertUnsuitable;
import static dev.s3dock.archive.Sources.nested;
import static dev.s3dock.archive.Sources.tar;
import static dev.s3dock.archive.Sources.utf8;
import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.s3dock.image.Digest;
import dev.s3dock.testing.Packaging;
import dev.s3dock.testing.engine.TestImages;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Manifests and configs that lie, and how they are refused. */
class ImageDocumentsTest {

  private static Map<String, byte[]> legacy(String manifest, byte[] config) {
    Map<String, byte[]> files = new LinkedHashMap<>();
    files.put("layer.tar", IMAGE.layers().getFirst());
    files.put("config", config);
    files.put("manifest.json", utf8(manifest));
    return files;
  }

  private static byte[] configOf(String diffIds) {
    return utf8(
        "{\"architecture\":\"amd64\",\"os\":\"linux\",\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[%s]}}"
            .formatted(diffIds));
  }

  @Test
  void a_config_that_lists_other_layers_is_refused() {
    String manifest = "[{\"Config\":\"config\",\"Layers\":[\"layer.tar\"]}]";
    String first = "\"" + IMAGE.diffIds().getFirst() + "\"";
    String second = "\"" + IMAGE.diffIds().getLast() + "\"";
    assertCorrupt(tar(legacy(manifest, configOf(second))), "layer 1 has the diff_id");
    assertCorrupt(tar(legacy(manifest, configOf(""))), "lists 1 layers, the config of the image 0");
    assertCorrupt(
        tar(legacy(manifest, configOf(first + "," + second))), "the config of the image 2");
    assertCorrupt(tar(legacy(manifest, configOf("\"md5:00\""))), "malformed digest");
    assertCorrupt(tar(legacy(manifest, utf8("{}"))), "lists no layers");
    assertCorrupt(tar(legacy(manifest, utf8("{\"os\":1,\"os\":2}"))), "not valid JSON");
    assertCorrupt(tar(legacy(manifest, utf8("{\"os\":"))), "not valid JSON");
    assertCorrupt(tar(legacy(manifest, utf8("[".repeat(1000)))), "not valid JSON");
    assertCorrupt(
        tar(legacy(manifest, utf8("{\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[]}}"))),
        "malformed platform");
  }

  @Test
  void a_manifest_that_names_what_is_not_there_is_refused() {
    byte[] config = configOf("\"" + IMAGE.diffIds().getFirst() + "\"");
    assertCorrupt(
        tar(legacy("[{\"Config\":\"gone\",\"Layers\":[\"layer.tar\"]}]", config)),
        "names a config that is missing: gone");
    assertCorrupt(
        tar(legacy("[{\"Config\":\"config\",\"Layers\":[\"gone\"]}]", config)),
        "the layer gone is missing");
    assertCorrupt(
        tar(legacy("[{\"Config\":\"../config\",\"Layers\":[]}]", config)), "points outside");
    assertCorrupt(tar(legacy("{}", config)), "is not a list of images");
    assertUnsuitable(tar(legacy("[]", config)), "holds no complete image");
  }

  @Test
  void a_config_that_is_not_its_name_is_refused() {
    Map<String, byte[]> files = legacy("", configOf("\"" + IMAGE.diffIds().getFirst() + "\""));
    files.put("0".repeat(64) + ".json", configOf(""));
    files.put(
        "manifest.json",
        utf8("[{\"Config\":\"%s.json\",\"Layers\":[]}]".formatted("0".repeat(64))));
    assertCorrupt(tar(files), "has the digest");
  }

  private static Map<String, byte[]> withManifest(Consumer<ObjectNode> change) throws IOException {
    SequencedMap<String, byte[]> files = TestImages.ociFiles(SPEC, NAME, Packaging.GZIP);
    ObjectNode index = (ObjectNode) JSON.readTree(files.get("index.json"));
    ObjectNode descriptor = (ObjectNode) index.path("manifests").path(0);
    String path = "blobs/sha256/" + Digest.parse(descriptor.path("digest").asText()).hex();
    ObjectNode manifest = (ObjectNode) JSON.readTree(files.remove(path));
    change.accept(manifest);
    byte[] bytes = JSON.writeValueAsBytes(manifest);
    descriptor.put("digest", Digest.of(bytes).toString()).put("size", bytes.length);
    files.put("blobs/sha256/" + Digest.of(bytes).hex(), bytes);
    files.put("index.json", JSON.writeValueAsBytes(index));
    return files;
  }

  @Test
  void what_is_no_image_is_refused() throws IOException {
    assertUnsuitable(tar(withManifest(json -> json.put("schemaVersion", 1))), "schema 1");
    assertUnsuitable(
        tar(
            withManifest(
                json ->
                    ((ObjectNode) json.path("config"))
                        .put("mediaType", "application/vnd.cncf.helm.config.v1+json"))),
        "an artifact of type application/vnd.cncf.helm.config.v1+json");
    assertCorrupt(
        tar(withManifest(json -> layer(json).put("mediaType", "x.tar+gzip+encrypted"))),
        "encrypted");
    assertCorrupt(tar(withManifest(json -> layer(json).put("size", 5))), "the manifest says 5");
    assertCorrupt(
        tar(withManifest(json -> layer(json).put("digest", "sha256:" + "0".repeat(64)))),
        "is missing");
    assertCorrupt(
        tar(withManifest(json -> ((ArrayNode) json.path("layers")).remove(0))), "lists 1 layers");
  }

  private static ObjectNode layer(ObjectNode manifest) {
    return (ObjectNode) manifest.path("layers").path(0);
  }

  @Test
  void indexes_nested_without_end_are_refused() throws IOException {
    Map<String, byte[]> files = TestImages.ociFiles(SPEC, NAME, Packaging.PLAIN);
    byte[] index = requireNonNull(files.get("index.json"));
    for (int i = 0; i < 10; i++) {
      index = nested(files, index);
    }
    files.put("index.json", index);
    assertCorrupt(tar(files), "nested too deep");
  }
}
