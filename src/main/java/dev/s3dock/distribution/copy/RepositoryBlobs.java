package dev.s3dock.distribution.copy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.s3dock.archive.CorruptArchiveException;
import dev.s3dock.archive.FormatLimits;
import dev.s3dock.archive.Json;
import dev.s3dock.archive.source.RemoteBlobs;
import dev.s3dock.distribution.client.OciRepository;
import dev.s3dock.image.Digest;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The blobs of a repository, as far as manifests that were read name them. */
final class RepositoryBlobs implements RemoteBlobs {
  private final OciRepository repository;
  private final Set<Digest> manifests = new HashSet<>();
  private final Map<Digest, Long> sizes = new HashMap<>();

  RepositoryBlobs(OciRepository repository) {
    this.repository = repository;
  }

  /** From here on this is asked for as a manifest. */
  void expect(Digest manifest) {
    manifests.add(manifest);
  }

  /** What a manifest or an index names can be asked for from here on. */
  void learn(JsonNode document, String what) throws CorruptArchiveException {
    for (JsonNode manifest : document.path("manifests")) {
      manifests.add(Json.digest(manifest.path("digest"), what));
    }
    if (document.has("config")) {
      learnBlob(document.path("config"), what);
    }
    for (JsonNode layer : document.path("layers")) {
      learnBlob(layer, what);
    }
  }

  private void learnBlob(JsonNode descriptor, String what) throws CorruptArchiveException {
    JsonNode size = descriptor.path("size");
    if (!size.isIntegralNumber() || !size.canConvertToLong() || size.longValue() < 0) {
      throw new CorruptArchiveException(what + " does not tell the size of a blob");
    }
    sizes.put(Json.digest(descriptor.path("digest"), what), size.longValue());
  }

  @Override
  public Optional<byte[]> document(Digest digest) throws IOException {
    if (manifests.contains(digest)) {
      byte[] bytes = repository.manifest(digest.toString()).bytes();
      learn(Json.parse(bytes, "manifest " + digest), "manifest " + digest);
      return Optional.of(bytes);
    }
    Optional<Long> size = Optional.ofNullable(sizes.get(digest));
    if (size.isPresent() && size.get() > FormatLimits.MAX_DOCUMENT_BYTES) {
      throw new CorruptArchiveException(
          "%s is larger than a document may be: %d bytes"
              .formatted(digest, FormatLimits.MAX_DOCUMENT_BYTES));
    }
    return size.map(it -> repository.blob(digest, it.intValue()));
  }

  @Override
  public Optional<Layer> layer(Digest digest) {
    return Optional.ofNullable(sizes.get(digest))
        .map(size -> new Layer(repository.open(digest, size), size));
  }
}
