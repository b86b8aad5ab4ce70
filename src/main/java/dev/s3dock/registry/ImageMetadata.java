package dev.s3dock.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.s3dock.image.Digest;
import dev.s3dock.image.ImageReference;
import dev.s3dock.image.InvalidNameException;
import dev.s3dock.image.Printable;
import dev.s3dock.store.ObjectKey;
import java.time.OffsetDateTime;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The metadata beside an archive, in the original's field names.
 *
 * @param checksum MD5 of the whole archive, 32 hex digits
 * @param size of the archive, in bytes
 * @param index the field {@code archive}: the index of format 1; empty for archives of the original
 */
public record ImageMetadata(String checksum, long size, Optional<ObjectNode> index) {
  /** Largest metadata that is read, in bytes: the index of a 100 GiB image takes about 12 MB. */
  public static final int MAX_BYTES = 32 << 20;

  static final String TOMBSTONE = "tombstone";
  private static final Pattern MD5 = Pattern.compile("[0-9a-f]{32}");
  static final String INDEX = "archive";
  private static final String COMPRESSION = "compression";

  /** The archive's form: that of the index, and gzip for archives of the original. */
  public ArchiveForm form() {
    return index
        .filter(node -> node.path(COMPRESSION).asText().startsWith("zstd"))
        .map(node -> ArchiveForm.ZSTD)
        .orElse(ArchiveForm.GZIP);
  }

  /** The manifest that the image is served by; empty if its index has none. */
  public Optional<ServedManifest> manifest() {
    return index.flatMap(ServedManifest::of);
  }

  /** The same of a whole document, also of one with a tombstone. */
  public static Optional<ServedManifest> manifest(ObjectNode document) {
    return document.path(INDEX) instanceof ObjectNode index
        ? ServedManifest.of(index)
        : Optional.empty();
  }

  /** True if cleanup has marked the image as going away. */
  public static boolean isTombstone(ObjectNode document) {
    return document.hasNonNull(TOMBSTONE);
  }

  static ImageMetadata parse(ObjectKey key, ObjectNode document) {
    String checksum = Documents.requiredText(key, document, "checksum");
    JsonNode size = document.path("size");
    if (!MD5.matcher(checksum).matches()) {
      throw Documents.corrupt(key, "has no valid MD5 in the field 'checksum'");
    }
    if (!size.isIntegralNumber() || !size.canConvertToLong() || size.longValue() < 1) {
      throw Documents.corrupt(key, "has no valid size in the field 'size'");
    }
    JsonNode index = document.path(INDEX);
    if (!index.isMissingNode() && !index.isObject()) {
      throw Documents.corrupt(key, "has no object in the field 'archive'");
    }
    requireName(key, Documents.text(document, "image_tag"));
    return new ImageMetadata(
        checksum,
        size.longValue(),
        index instanceof ObjectNode object ? Optional.of(object) : Optional.empty());
  }

  /** What was copied from another reference would make one image pass for another. */
  private static void requireName(ObjectKey key, String name) {
    Optional<String> wanted =
        BucketLayout.parseImage(key).map(image -> image.reference().toString());
    if (!name.isEmpty()
        && wanted.isPresent()
        && !name.equals(wanted.get())
        && !name.endsWith("/" + wanted.get())) {
      throw Documents.corrupt(key, "is the metadata of " + Printable.of(name));
    }
  }

  ObjectNode toDocument(ImageReference reference, OffsetDateTime createdAt) {
    ObjectNode document = Documents.create();
    document.put("checksum", checksum);
    document.put("size", size);
    document.put("created_at", Documents.time(createdAt));
    document.put("git_hash", reference.hash());
    document.put("git_time", reference.stamp().value());
    document.put("image_tag", reference.toString());
    document.put("app_name", reference.app().value());
    index.ifPresent(node -> document.set(INDEX, node));
    return document;
  }

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
}
