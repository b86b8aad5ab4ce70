package dev.s3dock.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.s3dock.image.Digest;
import dev.s3dock.image.InvalidNameException;
import java.util.Optional;

/**
 * The manifest by which a registry serves an image: the field {@code manifest} of an archive's
 * index.
 *
 * @param mediaType such as {@code application/vnd.oci.image.manifest.v1+json}
 * @param digest SHA-256 of its bytes
 * @param size bytes
 */
public record ServedManifest(String mediaType, Digest digest, long size) {
  private static final String FIELD = "manifest";

  /** What an index says of it; empty where it says nothing that makes sense. */
  static Optional<ServedManifest> of(ObjectNode index) {
    if (!(index.path(FIELD) instanceof ObjectNode fields)) {
      return Optional.empty();
    }
    JsonNode size = fields.path("size");
    String mediaType = Documents.text(fields, "media_type");
    if (mediaType.isEmpty() || !size.isIntegralNumber() || !size.canConvertToLong()) {
      return Optional.empty();
    }
    try {
      Digest digest = Digest.parse(Documents.text(fields, "digest"));
      return Optional.of(new ServedManifest(mediaType, digest, size.longValue()));
    } catch (InvalidNameException e) {
      return Optional.empty();
    }
  }
}
