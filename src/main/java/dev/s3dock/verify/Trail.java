package dev.s3dock.verify;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.s3dock.image.Digest;
import dev.s3dock.image.ImageReference;
import dev.s3dock.registry.BucketLayout;
import dev.s3dock.registry.Documents;
import dev.s3dock.registry.ImageKey;
import dev.s3dock.registry.ImageMetadata;
import dev.s3dock.registry.ImageMetadata.ServedManifest;
import dev.s3dock.registry.Images;
import dev.s3dock.registry.RegistryException;
import dev.s3dock.store.ETag;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.ObjectStore;
import dev.s3dock.store.StoreException;
import dev.s3dock.store.StoredObject;
import dev.s3dock.verify.ConsistentRead.Look;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One look at several objects that lead to each other. */
final class Trail {
  private static final int MAX_AT_ONCE_BYTES = 512 << 10;

  /** Of large metadata, memory holds one at a time. */
  private static final Object LARGE = new Object();

  private final ObjectStore store;
  private final Images images;
  final Map<ObjectKey, Optional<ETag>> seen = new HashMap<>();
  final List<Finding> findings = new ArrayList<>();
  private final Map<ImageKey, Optional<Digest>> manifests = new HashMap<>();

  Trail(ObjectStore store, Images images) {
    this.store = store;
    this.images = images;
  }

  /** Reads an object, and remembers its state. */
  Optional<StoredObject> get(ObjectKey key, int limit) {
    Optional<StoredObject> object = store.get(key, limit);
    seen.put(key, object.map(StoredObject::etag));
    return object;
  }

  void damage(ObjectKey key, String problem, String remedy) {
    findings.add(Finding.damage(key, problem, remedy));
  }

  /** True if the image is published; one whose metadata is damaged is told of by itself. */
  boolean isPublished(ImageKey image) {
    try {
      Optional<StoredObject> object = get(image.metadata(), MAX_AT_ONCE_BYTES);
      return object.isPresent() && isNoTombstone(image, object.get());
    } catch (StoreException e) {
      if (e.kind() != StoreException.Kind.TOO_LARGE) {
        throw e;
      }
      return isLargePublished(image);
    }
  }

  /** Of large ones, memory holds one at a time. */
  private boolean isLargePublished(ImageKey image) {
    synchronized (LARGE) {
      try {
        return get(image.metadata(), ImageMetadata.MAX_BYTES)
            .filter(object -> isNoTombstone(image, object))
            .isPresent();
      } catch (StoreException e) {
        if (e.kind() != StoreException.Kind.TOO_LARGE) {
          throw e;
        }
        return true;
      }
    }
  }

  /** The same, under whatever month the original may have filed it. */
  boolean isPublished(ImageReference reference) {
    try {
      return isPublished(BucketLayout.image(reference)) || images.find(reference).isPresent();
    } catch (RegistryException e) {
      return true;
    }
  }

  Look look() {
    return findings.isEmpty() ? Look.of(findings, seen) : Look.doubtful(findings, seen);
  }

  /** Of what does no harm, nobody waits to see whether it is still so. */
  Look lookForMoreThanNotes() {
    return Look.of(findings, seen);
  }

  /** True if an image that was found published is served by this manifest, or is damaged. */
  boolean hasManifest(ImageKey image, Digest digest) {
    return !manifests.containsKey(image)
        || manifests.getOrDefault(image, Optional.empty()).equals(Optional.of(digest));
  }

  private boolean isNoTombstone(ImageKey image, StoredObject metadata) {
    try {
      ObjectNode document = Documents.parse(metadata.key(), metadata.content());
      manifests.put(image, ImageMetadata.manifest(document).map(ServedManifest::digest));
      return !ImageMetadata.isTombstone(document);
    } catch (RegistryException e) {
      return true;
    }
  }
}
