package dev.s3dock.registry;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.ObjectStat;
import dev.s3dock.store.ObjectStore;
import dev.s3dock.store.Precondition;
import dev.s3dock.store.StoreException;
import dev.s3dock.store.StoredObject;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;

/** Keeps what is about to be overwritten, as {@link ImageWrites#setAside} says. */
final class Replacement {
  private static final int MAX_CLASHES = 1_000;

  private final ObjectStore store;
  private final DocumentWrites writes;
  private final Clock clock;

  Replacement(ObjectStore store, Clock clock) {
    this.store = store;
    this.writes = new DocumentWrites(store);
    this.clock = clock;
  }

  void setAside(Published published) {
    ImageKey key = published.key();
    Optional<ObjectStat> archive = store.head(published.archive());
    StoredObject metadata =
        store
            .get(key.metadata(), ImageMetadata.MAX_BYTES)
            .filter(object -> object.etag().equals(published.state()))
            .orElseThrow(() -> ImageWrites.changed(key));
    Instant now = clock.instant();
    int number = setAside(key, Documents.parse(metadata.key(), metadata.content()), now);
    if (archive.isPresent()) {
      ArchiveForm form = published.metadata().form();
      copyAside(archive.get(), key.archivedArchive(form, now, number), key);
    }
  }

  /** Under the first name that is free, whose number it returns. */
  private int setAside(ImageKey key, ObjectNode metadata, Instant now) {
    for (int number = 1; number <= MAX_CLASHES; number++) {
      try {
        writes.put(key.archivedMetadata(now, number), metadata, Precondition.ifAbsent());
        return number;
      } catch (StoreException e) {
        if (e.kind() != StoreException.Kind.PRECONDITION_FAILED) {
          throw e;
        }
      }
    }
    throw RegistryException.conflict(
        "%s was replaced %d times within a minute; try again in the next one"
            .formatted(key.reference(), MAX_CLASHES));
  }

  private void copyAside(ObjectStat archive, ObjectKey to, ImageKey key) {
    try {
      store.copy(archive, to);
    } catch (StoreException e) {
      boolean refused = e.kind() == StoreException.Kind.PRECONDITION_FAILED;
      if (e.kind() == StoreException.Kind.NOT_FOUND || (refused && !isThere(archive))) {
        throw ImageWrites.changed(key); // another push, or a cleanup, was faster
      }
      throw refused ? noCopies(archive, to, e) : e;
    }
  }

  private boolean isThere(ObjectStat archive) {
    return store.head(archive.key()).map(ObjectStat::etag).equals(Optional.of(archive.etag()));
  }

  private StoreException noCopies(ObjectStat archive, ObjectKey to, StoreException cause) {
    return new StoreException(
        StoreException.Kind.UNSUPPORTED,
        "%s does not copy %s to %s, as if it had changed, though it has not; nothing was replaced: s3dock doctor tells what the store can do"
            .formatted(store.describe(), archive.key(), to),
        cause);
  }
}
