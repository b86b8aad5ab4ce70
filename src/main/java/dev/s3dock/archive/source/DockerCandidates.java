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
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The images of a docker-archive's {@code manifest.json} (moby, image/spec v1.2, "Combined Image
 * JSON + Filesystem Changeset Format").
 */
final class DockerCandidates {
  /** Docker names a config after its digest. */
  private static final Pattern CONFIG_NAME =
      Pattern.compile("(?:sha256:)?([0-9a-f]{64})(?:\\.json)?");

  private final SourceContents contents;

  DockerCandidates(SourceContents contents) {
    this.contents = contents;
  }

  /** All images that the manifest lists. */
  List<Candidate> find(byte[] manifest) throws IOException {
    JsonNode images = Json.parse(manifest, what());
    if (!images.isArray()) {
      throw new CorruptArchiveException(what() + " is not a list of images");
    }
    List<Candidate> found = new ArrayList<>();
    for (JsonNode image : images) {
      found.add(candidate(image));
    }
    return found;
  }

  private Candidate candidate(JsonNode image) throws IOException {
    String path = EntryName.of(image.path("Config").asText(), what());
    Optional<byte[]> bytes = contents.document(path);
    if (bytes.isEmpty()) {
      throw new CorruptArchiveException(what() + " names a config that is missing: " + path);
    }
    ImageConfig config = ImageConfig.parse(bytes.get());
    Matcher name = CONFIG_NAME.matcher(path.substring(path.lastIndexOf('/') + 1));
    if (name.matches() && !config.digest().equals(new Digest(name.group(1)))) {
      throw new CorruptArchiveException(
          "%s: the config %s has the digest %s".formatted(contents.name(), path, config.digest()));
    }
    SortedSet<String> names = new TreeSet<>();
    image.path("RepoTags").forEach(tag -> names.add(tag.asText()));
    List<StoredLayer> layers = new ArrayList<>();
    for (JsonNode layer : image.path("Layers")) {
      layers.add(new StoredLayer(EntryName.of(layer.asText(), what()), Optional.empty()));
    }
    return new Candidate(config, names, layers);
  }

  private String what() {
    return contents.name() + ": " + ImageLayout.DOCKER_MANIFEST;
  }
}
