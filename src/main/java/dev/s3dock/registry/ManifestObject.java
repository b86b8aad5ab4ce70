package dev.s3dock.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.s3dock.image.AppName;
import dev.s3dock.image.Digest;
import dev.s3dock.store.ETag;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.StoredObject;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * The object that leads from the digest of a served manifest to the images that have it: mostly
 * one, and several where commits have the same content. It is a hint: whether an image still has
 * that manifest, its metadata tells. The form is in {@code docs/bucket-layout.md}.
 *
 * @param document with all its fields, also unknown ones
 * @param state of the object
 */
public record ManifestObject(
    ObjectKey key, AppName app, Digest digest, ObjectNode document, ETag state) {
  /** Largest one that is read, in bytes: names of {@link #MAX_IMAGES} images and some more. */
  public static final int MAX_BYTES = 1 << 20;

  /** So many images of the same content are named; the latest ones. */
  static final int MAX_IMAGES = 1000;

  private static final String IMAGES = "images";
  private static final String TARGET = "target_path";
  private static final String REMEDY =
      "remove the object, and push its image again, which writes it anew";

  /**
   * Reads one.
   *
   * @throws RegistryException {@link RegistryException.Kind#CORRUPT} if it is something else, or of
   *     another digest than its key says
   */
  public static ManifestObject parse(AppName app, Digest digest, StoredObject object) {
    ObjectNode document;
    try {
      document = Documents.parse(object.key(), object.content());
    } catch (RegistryException e) {
      throw RegistryException.corrupt(object.key(), e.problem(object.key()), REMEDY);
    }
    boolean fits =
        Documents.text(document, "digest").equals(digest.toString())
            && document.path(IMAGES).isArray();
    if (!fits && Tombstone.of(document).isEmpty()) {
      throw RegistryException.corrupt(object.key(), "does not lead from its digest", REMEDY);
    }
    return new ManifestObject(object.key(), app, digest, document, object.etag());
  }

  /** A new one, which leads to nothing yet. */
  static ObjectNode create(AppName app, ServedManifest manifest) {
    ObjectNode document = Documents.create();
    document.put("app_name", app.value());
    document.put("digest", manifest.digest().toString());
    document.put("media_type", manifest.mediaType());
    document.put("size", manifest.size());
    document.putArray(IMAGES);
    return document;
  }

  /** The mark that it is being removed. */
  public Optional<Tombstone> tombstone() {
    return Tombstone.of(document);
  }

  /** The images that it leads to, the latest first. Those of other apps do not count. */
  public List<ImageKey> images() {
    List<ImageKey> images = new ArrayList<>();
    for (JsonNode entry : document.path(IMAGES)) {
      image(entry).filter(key -> key.reference().app().equals(app)).ifPresent(images::addFirst);
    }
    return images;
  }

  /** The document for these images no more. */
  public ObjectNode without(Collection<ImageKey> gone) {
    ObjectNode changed = document.deepCopy();
    remove(changed, gone);
    return changed;
  }

  /** The document with this image as its latest. */
  static ObjectNode with(ObjectNode document, ImageKey image) {
    ObjectNode changed = document.deepCopy();
    remove(changed, List.of(image));
    ArrayNode entries = changed.withArray(IMAGES);
    while (entries.size() >= MAX_IMAGES) {
      entries.remove(0);
    }
    entries
        .addObject()
        .put("image_reference", image.reference().toString())
        .put(TARGET, image.metadata().value());
    return changed;
  }

  private static void remove(ObjectNode document, Collection<ImageKey> gone) {
    if (document.path(IMAGES) instanceof ArrayNode entries) {
      entries.removeIf(entry -> image(entry).filter(gone::contains).isPresent());
    }
  }

  private static Optional<ImageKey> image(JsonNode entry) {
    String target = entry.path(TARGET).asText();
    return ObjectKey.isValid(target)
        ? BucketLayout.parseMetadata(new ObjectKey(target))
        : Optional.empty();
  }
}
