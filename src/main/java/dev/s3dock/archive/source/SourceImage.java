package dev.s3dock.archive.source;

import com.fasterxml.jackson.databind.JsonNode;
import dev.s3dock.archive.CorruptArchiveException;
import dev.s3dock.archive.Json;
import dev.s3dock.archive.oci.ImageConfig;
import dev.s3dock.archive.oci.ImageLayout;
import dev.s3dock.archive.source.Candidate.StoredLayer;
import dev.s3dock.image.Digest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;

/**
 * The image that was found in a source, verified: every layer has been read, and is what the config
 * says.
 *
 * @param sizes bytes of each distinct layer, uncompressed, in the order of the layers
 * @param alone true if an engine that loads the source finds no other image in it
 */
public record SourceImage(
    ImageConfig config, SortedSet<String> names, Map<Digest, Long> sizes, boolean alone) {
  /** Finds the image that is meant, and verifies it. */
  static SourceImage find(SourceContents contents, Selection selection) throws IOException {
    List<String> refused = new ArrayList<>();
    List<Candidate> offered = candidates(contents, refused);
    if (offered.isEmpty() && !refused.isEmpty()) {
      throw new UnsuitableImageException(contents.name() + ": " + String.join("; ", refused));
    }
    Candidate chosen = selection.choose(offered, contents.name());
    return verify(contents, chosen, isAlone(contents, offered, chosen));
  }

  private static List<Candidate> candidates(SourceContents contents, List<String> refused)
      throws IOException {
    Optional<byte[]> index = contents.document(ImageLayout.INDEX);
    Optional<byte[]> manifest = contents.document(ImageLayout.DOCKER_MANIFEST);
    if (index.isPresent()) {
      OciCandidates oci = new OciCandidates(contents);
      List<Candidate> offered = oci.find(index.get());
      refused.addAll(oci.refused());
      return manifest.isPresent() ? withDockerNames(offered, contents, manifest.get()) : offered;
    }
    if (manifest.isPresent()) {
      return new DockerCandidates(contents).find(manifest.get());
    }
    throw new CorruptArchiveException(
        contents.name()
            + " holds neither index.json nor manifest.json: it is not an image archive, or it is truncated");
  }

  /** Some engines write both documents, and put the names into Docker's alone. */
  private static List<Candidate> withDockerNames(
      List<Candidate> offered, SourceContents contents, byte[] manifest)
      throws CorruptArchiveException {
    JsonNode images = Json.parse(manifest, contents.name() + ": " + ImageLayout.DOCKER_MANIFEST);
    List<Candidate> named = new ArrayList<>();
    for (Candidate candidate : offered) {
      List<String> names = new ArrayList<>();
      for (JsonNode image : images) {
        if (candidate.names().isEmpty()
            && image.path("Config").asText().contains(candidate.id().hex())) {
          image.path("RepoTags").forEach(tag -> names.add(tag.asText()));
        }
      }
      named.add(candidate.withNames(names));
    }
    return named;
  }

  /** Of the two lists that a source may have, an engine may read the other one. */
  private static boolean isAlone(SourceContents contents, List<Candidate> offered, Candidate chosen)
      throws IOException {
    boolean alone = offered.stream().allMatch(other -> other.id().equals(chosen.id()));
    Optional<byte[]> manifest = contents.document(ImageLayout.DOCKER_MANIFEST);
    if (manifest.isPresent() && contents.document(ImageLayout.INDEX).isPresent()) {
      for (JsonNode image : Json.parse(manifest.get(), contents.name())) {
        alone &= image.path("Config").asText().contains(chosen.id().hex());
      }
    }
    return alone;
  }

  private static SourceImage verify(SourceContents contents, Candidate image, boolean alone)
      throws IOException {
    List<Digest> diffIds = image.config().diffIds();
    if (diffIds.size() != image.layers().size()) {
      throw new CorruptArchiveException(
          "%s: the manifest lists %d layers, the config of the image %d"
              .formatted(contents.name(), image.layers().size(), diffIds.size()));
    }
    Map<Digest, Long> sizes = new LinkedHashMap<>();
    Map<String, Blob> read = new HashMap<>();
    for (int i = 0; i < diffIds.size(); i++) {
      StoredLayer layer = image.layers().get(i);
      Blob blob = read.get(layer.path());
      if (blob == null) {
        blob = layer(contents, layer);
        read.put(layer.path(), blob);
      }
      if (!blob.diffId().equals(diffIds.get(i))) {
        throw new CorruptArchiveException(
            "%s: layer %d has the diff_id %s, the config of the image says %s"
                .formatted(contents.name(), i + 1, blob.diffId(), diffIds.get(i)));
      }
      sizes.put(blob.diffId(), blob.size());
    }
    return new SourceImage(image.config(), image.names(), sizes, alone);
  }

  private static Blob layer(SourceContents contents, StoredLayer layer) throws IOException {
    Blob blob =
        contents
            .layer(layer.path())
            .orElseThrow(
                () ->
                    new CorruptArchiveException(
                        "%s: the layer %s is missing".formatted(contents.name(), layer.path())));
    if (layer.storedSize().isPresent() && layer.storedSize().get() != blob.storedSize()) {
      throw new CorruptArchiveException(
          "%s: the layer %s has %d bytes, the manifest says %d"
              .formatted(
                  contents.name(), layer.path(), blob.storedSize(), layer.storedSize().get()));
    }
    return blob;
  }
}
