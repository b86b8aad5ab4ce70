package dev.s3dock.archive.source;

import com.fasterxml.jackson.databind.JsonNode;
import dev.s3dock.archive.CanonicalTar;
import dev.s3dock.archive.CorruptArchiveException;
import dev.s3dock.archive.Json;
import dev.s3dock.archive.oci.ImageConfig;
import dev.s3dock.archive.oci.ImageLayout;
import dev.s3dock.archive.source.Candidate.StoredLayer;
import dev.s3dock.image.Digest;
import dev.s3dock.image.Printable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * The images of an OCI layout (image-spec image-layout.md, image-index.md, manifest.md), nested
 * indexes included. Left out are attestations, and platforms whose manifest or config the source
 * does not hold: engines keep the whole index when they have pulled one platform of it.
 */
final class OciCandidates {
  private static final int MAX_DEPTH = 8;
  private static final int MAX_DESCRIPTORS = 1000;
  private static final Set<String> IMAGE_CONFIGS =
      Set.of(ImageLayout.CONFIG_TYPE, "application/vnd.docker.container.image.v1+json");

  private final SourceContents contents;
  private final List<Candidate> found = new ArrayList<>();
  private final List<String> refused = new ArrayList<>();
  private int descriptors;

  OciCandidates(SourceContents contents) {
    this.contents = contents;
  }

  /** What is listed but is no image, in words for a message. */
  List<String> refused() {
    return refused;
  }

  /** All images that the index lists. */
  List<Candidate> find(byte[] index) throws IOException {
    String what = contents.name() + ": " + ImageLayout.INDEX;
    descend(Json.parse(index, what), new TreeSet<>(), 0);
    return found;
  }

  private void descend(JsonNode index, SortedSet<String> names, int depth) throws IOException {
    if (depth > MAX_DEPTH) {
      throw new CorruptArchiveException(contents.name() + ": indexes nested too deep");
    }
    for (JsonNode descriptor : index.path("manifests")) {
      if (++descriptors > MAX_DESCRIPTORS) {
        throw new CorruptArchiveException(contents.name() + ": too many manifests listed");
      }
      if (!isAttestation(descriptor)) {
        SortedSet<String> all = new TreeSet<>(names);
        addNames(descriptor.path("annotations"), all);
        visit(descriptor, all, depth);
      }
    }
  }

  private void visit(JsonNode descriptor, SortedSet<String> names, int depth) throws IOException {
    Digest digest = Json.digest(descriptor.path("digest"), contents.name());
    Optional<byte[]> document = contents.document(CanonicalTar.blobName(digest));
    if (document.isEmpty()) {
      return;
    }
    JsonNode json = Json.parse(document.get(), contents.name() + ": manifest " + digest);
    if (json.has("manifests")) {
      descend(json, names, depth + 1);
    } else if (json.path("schemaVersion").asInt() == 1 || json.has("fsLayers")) {
      refused.add(
          "manifest "
              + digest
              + " has schema 1, which is no longer supported; save the image again");
    } else {
      manifest(json, digest, names);
    }
  }

  private void manifest(JsonNode manifest, Digest digest, SortedSet<String> names)
      throws IOException {
    String type = manifest.path("config").path("mediaType").asText();
    if (!IMAGE_CONFIGS.contains(type)) {
      if (type.isEmpty() && !manifest.has("config")) {
        refused.add(digest + " is no manifest of an image");
        return;
      }
      refused.add(
          "%s is an artifact of type %s, not a container image"
              .formatted(digest, Printable.of(manifest.path("artifactType").asText(type))));
      return;
    }
    Digest config = Json.digest(manifest.path("config").path("digest"), contents.name());
    Optional<byte[]> bytes = contents.document(CanonicalTar.blobName(config));
    if (bytes.isPresent()) {
      found.add(new Candidate(ImageConfig.parse(bytes.get()), names, layers(manifest)));
    }
  }

  private List<StoredLayer> layers(JsonNode manifest) throws IOException {
    List<StoredLayer> layers = new ArrayList<>();
    for (JsonNode layer : manifest.path("layers")) {
      if (layer.path("mediaType").asText().endsWith("+encrypted")) {
        throw new CorruptArchiveException(
            contents.name() + ": its layers are encrypted, which s3dock does not support");
      }
      Digest digest = Json.digest(layer.path("digest"), contents.name());
      layers.add(
          new StoredLayer(
              CanonicalTar.blobName(digest), Optional.of(layer.path("size").asLong(-1))));
    }
    return layers;
  }

  private static boolean isAttestation(JsonNode descriptor) {
    return descriptor.path("annotations").has("vnd.docker.reference.type")
        || descriptor.path("platform").path("os").asText().equals("unknown");
  }

  private static void addNames(JsonNode annotations, SortedSet<String> names) {
    String name = annotations.path(ImageLayout.NAME_ANNOTATION).asText();
    String tag = annotations.path(ImageLayout.TAG_ANNOTATION).asText();
    if (!name.isEmpty()) {
      names.add(name);
    } else if (!tag.isEmpty()) {
      names.add(tag);
    }
  }
}
