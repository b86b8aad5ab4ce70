package dev.s3dock.archive.oci;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.s3dock.archive.Descriptor;
import dev.s3dock.archive.Json;
import dev.s3dock.image.Platform;
import java.util.List;

/** The OCI index of the platforms of a commit (image-spec image-index.md): no annotations. */
public final class ImageIndex {
  /** Media type of an index. */
  public static final String TYPE = ImageLayout.INDEX_TYPE;

  private ImageIndex() {}

  /**
   * One platform.
   *
   * @param manifest of its image
   */
  public record Entry(Descriptor manifest, Platform platform) {}

  /** The document; compact JSON, in the order of the entries. */
  public static byte[] of(List<Entry> entries) {
    ObjectNode index = Json.object().put("schemaVersion", 2).put("mediaType", TYPE);
    ArrayNode manifests = index.putArray("manifests");
    for (Entry entry : entries) {
      ObjectNode descriptor =
          manifests
              .addObject()
              .put("mediaType", entry.manifest().mediaType())
              .put("digest", entry.manifest().digest().toString())
              .put("size", entry.manifest().size());
      ObjectNode platform =
          descriptor
              .putObject("platform")
              .put("architecture", entry.platform().architecture())
              .put("os", entry.platform().os());
      if (!entry.platform().variant().isEmpty()) {
        platform.put("variant", entry.platform().variant());
      }
    }
    return Json.bytes(index);
  }
}
