package dev.s3dock.registry;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.s3dock.image.AppName;
import dev.s3dock.image.Digest;
import dev.s3dock.store.ETag;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.ObjectStore;
import dev.s3dock.store.Precondition;
import dev.s3dock.store.StoreException;
import dev.s3dock.store.StoredObject;
import java.time.Clock;
import java.util.Optional;

/**
 * What leads from the digest of a served manifest to its images. It is written before the metadata,
 * so that a published image can always be found by its digest; one that leads to nothing is found
 * out by who reads it, and removed by cleanup.
 */
public final class Manifests {
  private static final int MAX_TRIES = 50;

  private final ObjectStore store;
  private final DocumentWrites writes;
  private final Clock clock;

  public Manifests(ObjectStore store, Clock clock) {
    this.store = store;
    this.writes = new DocumentWrites(store);
    this.clock = clock;
  }

  /**
   * What leads from this digest.
   *
   * @throws RegistryException {@link RegistryException.Kind#CORRUPT} as {@link
   *     ManifestObject#parse}
   */
  public Optional<ManifestObject> find(AppName app, Digest digest) {
    return store
        .get(BucketLayout.manifest(app, digest), ManifestObject.MAX_BYTES)
        .map(object -> ManifestObject.parse(app, digest, object));
  }

  /**
   * Lets the digest lead to an image, too. Written in any case, so that a cleanup sees that it was.
   *
   * @throws RegistryException {@link RegistryException.Kind#CONFLICT} if a cleanup is just removing
   *     what leads from this digest
   */
  void add(ImageKey image, ServedManifest manifest) {
    AppName app = image.reference().app();
    ObjectKey key = BucketLayout.manifest(app, manifest.digest());
    ObjectNode fresh = ManifestObject.create(app, manifest);
    ObjectNode document = ManifestObject.with(fresh, image);
    Precondition condition = Precondition.ifAbsent();
    for (int tries = 1; ; tries++) {
      try {
        writes.put(key, document, condition);
        return;
      } catch (StoreException e) {
        if (e.kind() != StoreException.Kind.PRECONDITION_FAILED || tries == MAX_TRIES) {
          throw e;
        }
      }
      Optional<StoredObject> found = get(key);
      document =
          ManifestObject.with(
              found.flatMap(object -> present(app, manifest, object)).orElse(fresh), image);
      condition =
          found
              .map(StoredObject::etag)
              .<Precondition>map(Precondition::ifMatch)
              .orElseGet(Precondition::ifAbsent);
    }
  }

  /** The same, where it does not yet. */
  void ensure(ImageKey image, ServedManifest manifest) {
    if (!leads(manifest.digest(), image)) {
      add(image, manifest);
    }
  }

  /** True if the digest leads to this image. */
  boolean leads(Digest digest, ImageKey image) {
    AppName app = image.reference().app();
    return get(BucketLayout.manifest(app, digest))
        .flatMap(object -> parsed(app, digest, object))
        .filter(found -> found.images().contains(image))
        .isPresent();
  }

  private Optional<StoredObject> get(ObjectKey key) {
    return store.get(key, ManifestObject.MAX_BYTES);
  }

  /** What is there and can be added to; it is written anew if it is damaged. */
  private Optional<ObjectNode> present(AppName app, ServedManifest manifest, StoredObject object) {
    Optional<ManifestObject> found = parsed(app, manifest.digest(), object);
    Optional<Tombstone> mark = found.flatMap(ManifestObject::tombstone);
    if (mark.filter(it -> it.bars(clock.instant())).isPresent()) {
      throw mark.get().inTheWay(object.key());
    }
    return found.filter(it -> mark.isEmpty()).map(ManifestObject::document);
  }

  private static Optional<ManifestObject> parsed(AppName app, Digest digest, StoredObject object) {
    try {
      return Optional.of(ManifestObject.parse(app, digest, object));
    } catch (RegistryException damaged) {
      return Optional.empty();
    }
  }

  /**
   * Writes over what was read.
   *
   * @return the state that it has now; empty if it has changed meanwhile
   */
  public Optional<ETag> replace(ManifestObject read, ObjectNode document) {
    try {
      return Optional.of(writes.put(read.key(), document, Precondition.ifMatch(read.state())));
    } catch (StoreException e) {
      if (e.kind() != StoreException.Kind.PRECONDITION_FAILED) {
        throw e;
      }
      return Optional.empty();
    }
  }
}
