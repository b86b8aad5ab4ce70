package dev.s3dock.registry;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.s3dock.store.ETag;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.ObjectStat;
import dev.s3dock.store.ObjectStore;
import dev.s3dock.store.Precondition;
import dev.s3dock.store.StoreException;
import dev.s3dock.store.StoredObject;
import java.time.Clock;
import java.time.OffsetDateTime;
import java.util.Optional;

/**
 * Publishes images: writes the metadata beside an archive, and what leads to it. Two pushes of one
 * commit, and a cleanup, may meet here; {@code docs/adr/0007-concurrent-pushes.md} says how they
 * get on.
 */
public final class ImageWrites {
  private final Images images;
  private final ObjectStore store;
  private final DocumentWrites writes;
  private final Manifests manifests;
  private final Clock clock;

  ImageWrites(Images images, ObjectStore store, Manifests manifests, Clock clock) {
    this.images = images;
    this.store = store;
    this.writes = new DocumentWrites(store);
    this.manifests = manifests;
    this.clock = clock;
  }

  /**
   * Publishes an archive that is complete by writing its metadata, after what leads to it from the
   * digest of its manifest. Two pushes of one commit may meet here. Each has written its archive
   * first and looks at the archive again after its metadata, so at least one sees the other: the
   * one whose archive is in place gets its metadata in place too, and the other one fails. Two that
   * write different forms of archive have different archives: the one whose metadata is there first
   * wins, and the archive of the other is removed.
   *
   * @param archive the state of the archive that this push has written
   * @param before what was published when this push began
   * @return what to tell the user if the digest of its manifest may not be recorded
   * @throws RegistryException {@link RegistryException.Kind#CONFLICT} if another push won
   */
  public Optional<String> publish(
      ImageKey key, ImageMetadata metadata, ETag archive, Optional<Published> before) {
    ObjectNode document = metadata.toDocument(key.reference(), OffsetDateTime.now(clock));
    Optional<String> unrecorded;
    try {
      unrecorded =
          metadata.manifest().flatMap(it -> unlessDenied(key, () -> manifests.add(key, it)));
      write(key, metadata.form(), document, archive, before);
    } catch (StoreException e) {
      throw before.isPresent() ? e.after(halfReplaced(key)) : e;
    }
    try {
      requireInPlace(key.archive(metadata.form()), archive, key);
      requireFirstPlatform(key);
      return unrecorded;
    } catch (StoreException e) {
      throw e.after(
          "%s is published, but has no audit event, and could not be read again: push it again"
              .formatted(key.reference()));
    }
  }

  private void write(
      ImageKey key,
      ArchiveForm form,
      ObjectNode metadata,
      ETag archive,
      Optional<Published> before) {
    Optional<ETag> expected = stateOf(key, before);
    boolean written = false;
    while (!written) {
      requireInPlace(
          key.archive(form), archive, key); // after the metadata: a cleanup deletes those last
      try {
        writes.put(
            key.metadata(),
            metadata,
            expected.map(Precondition::ifMatch).orElseGet(Precondition::ifAbsent));
        written = true;
      } catch (StoreException e) {
        if (e.kind() != StoreException.Kind.PRECONDITION_FAILED) {
          throw e;
        }
        requireSameForm(key, form);
        expected = stateThere(key, false);
      }
    }
  }

  private static String halfReplaced(ImageKey key) {
    return "%s has a new archive, but still its old metadata: pulls report damage until you push it again; the old image is in archive/"
        .formatted(key.reference());
  }

  /** A further platform is found by way of the first one, which a cleanup may have removed. */
  private void requireFirstPlatform(ImageKey key) {
    if (key.platform().isPresent() && images.at(key.ofFirstPlatform()).isEmpty()) {
      throw RegistryException.conflict(
          "a cleanup was removing %s while a further platform of it was pushed; push it again"
              .formatted(key.reference()));
    }
  }

  /**
   * Whoever meets this metadata fails here, so nobody else's archive of this form can be needed.
   */
  private void requireSameForm(ImageKey key, ArchiveForm form) {
    if (images.at(key).filter(other -> other.metadata().form() != form).isPresent()) {
      store.delete(key.archive(form));
      throw changed(key);
    }
  }

  /**
   * The state to overwrite: of what was published, or of a tombstone that lies there.
   *
   * @throws RegistryException {@link RegistryException.Kind#CONFLICT} if a cleanup may be deleting
   *     what is there
   */
  private Optional<ETag> stateOf(ImageKey key, Optional<Published> before) {
    return before.isPresent() ? before.map(Published::state) : stateThere(key, true);
  }

  private Optional<ETag> stateThere(ImageKey key, boolean tombstoneOnly) {
    Optional<StoredObject> found = store.get(key.metadata(), ImageMetadata.MAX_BYTES);
    Optional<Tombstone> mark = tombstone(key, found);
    return found.filter(o -> mark.isPresent() || !tombstoneOnly).map(StoredObject::etag);
  }

  private void requireInPlace(ObjectKey key, ETag archive, ImageKey image) {
    if (!store.head(key).map(ObjectStat::etag).equals(Optional.of(archive))) {
      throw changed(image);
    }
  }

  /**
   * Copies an archive and its metadata aside before they are overwritten. Where the archive is
   * missing, which is damage, only the metadata can be kept.
   *
   * @throws RegistryException {@link RegistryException.Kind#CONFLICT} if another push, or a
   *     cleanup, was faster
   * @throws StoreException {@link StoreException.Kind#UNSUPPORTED} if the store does not copy it
   */
  public void setAside(Published published) {
    new Replacement(store, clock).setAside(published);
  }

  /**
   * What comes just before a new archive becomes visible: sets aside what was published, if that is
   * still as it was read.
   *
   * @throws RegistryException as {@link #requireUnchanged} and {@link #setAside}
   */
  public void makeWay(ImageKey key, Optional<Published> before) {
    requireUnchanged(key, before);
    before.ifPresent(this::setAside);
  }

  /**
   * Makes sure that nothing was published, replaced or removed at this key since it was read, and
   * that nothing is being removed there.
   *
   * @throws RegistryException {@link RegistryException.Kind#CONFLICT} if something was, or is
   */
  public void requireUnchanged(ImageKey key, Optional<Published> read) {
    Optional<StoredObject> found = store.get(key.metadata(), ImageMetadata.MAX_BYTES);
    Optional<Tombstone> mark = tombstone(key, found);
    Optional<ETag> published = found.filter(o -> mark.isEmpty()).map(StoredObject::etag);
    if (!published.equals(read.map(Published::state))) {
      throw changed(key);
    }
  }

  /** The mark in a metadata, unless that forbids to publish. */
  private Optional<Tombstone> tombstone(ImageKey key, Optional<StoredObject> metadata) {
    Optional<Tombstone> mark =
        metadata.flatMap(o -> Tombstone.of(Documents.parse(o.key(), o.content())));
    if (mark.filter(it -> it.bars(clock.instant())).isPresent()) {
      throw mark.get().inTheWay(key.metadata());
    }
    return mark;
  }

  static RegistryException changed(ImageKey key) {
    return RegistryException.conflict(
        "another push of %s, or a cleanup, finished first; check what is published (s3dock list images %s), then push again if needed"
            .formatted(key.reference(), key.reference().app()));
  }

  /**
   * Keeps in the metadata of a published image what was found in its archive: fields of the index
   * that it lacks as it was pushed before they were recorded. What leads from the digest of the
   * manifest comes first, as in {@link #publish}.
   *
   * @param index the field {@code archive} with these fields, else as it was read
   * @return false if the image has changed since it was read; then nothing is kept
   * @throws StoreException {@link StoreException.Kind#ACCESS_DENIED} to who only reads
   */
  public boolean complete(Published image, ObjectNode index) {
    ObjectKey key = image.key().metadata();
    Optional<StoredObject> now =
        store
            .get(key, ImageMetadata.MAX_BYTES)
            .filter(object -> object.etag().equals(image.state()));
    if (now.isEmpty()) {
      return false;
    }
    ObjectNode document = Documents.parse(key, now.get().content());
    document.set(ImageMetadata.INDEX, index);
    ImageMetadata.manifest(document).ifPresent(it -> manifests.ensure(image.key(), it));
    try {
      writes.put(key, document, Precondition.ifMatch(image.state()));
      return true;
    } catch (StoreException e) {
      if (e.kind() != StoreException.Kind.PRECONDITION_FAILED) {
        throw e;
      }
      return false;
    }
  }

  /**
   * Sees to it that a published image is found by the digest of its manifest.
   *
   * @return what to tell the user if that is not allowed
   */
  public Optional<String> ensureManifest(Published image) {
    return image
        .metadata()
        .manifest()
        .flatMap(it -> unlessDenied(image.key(), () -> manifests.ensure(image.key(), it)));
  }

  /** Policies of before do not know that folder, and nothing else depends on it. */
  private static Optional<String> unlessDenied(ImageKey key, Runnable write) {
    try {
      write.run();
      return Optional.empty();
    } catch (StoreException e) {
      if (e.kind() != StoreException.Kind.ACCESS_DENIED) {
        throw e;
      }
      return Optional.of(
          "the digest of %s is not recorded, since these credentials may not read or write below %s; whoever looks for that digest has to read every image: renew the policy (docs/permissions.md)"
              .formatted(key.reference(), BucketLayout.MANIFESTS));
    }
  }
}
