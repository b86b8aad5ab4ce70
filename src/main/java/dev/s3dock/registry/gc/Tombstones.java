package dev.s3dock.registry.gc;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.s3dock.registry.Actor;
import dev.s3dock.registry.DocumentWrites;
import dev.s3dock.registry.Documents;
import dev.s3dock.registry.ImageKey;
import dev.s3dock.registry.ImageMetadata;
import dev.s3dock.registry.Tombstone;
import dev.s3dock.registry.Tombstone.Stage;
import dev.s3dock.store.ETag;
import dev.s3dock.store.ObjectStore;
import dev.s3dock.store.Precondition;
import dev.s3dock.store.StoreException;
import dev.s3dock.store.StoredObject;
import java.time.Clock;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Optional;

/** Moves the metadata of images through the stages of a removal, each by compare-and-set. */
final class Tombstones {
  private final ObjectStore store;
  private final DocumentWrites writes;
  private final Clock clock;
  private final Actor actor;

  Tombstones(ObjectStore store, Clock clock, Actor actor) {
    this.store = store;
    this.writes = new DocumentWrites(store);
    this.clock = clock;
    this.actor = actor;
  }

  /**
   * Metadata that is marked.
   *
   * @param document with the mark
   * @param state of the object
   */
  record Marked(ImageKey key, String removal, ObjectNode document, ETag state) {}

  /** Metadata that is being deleted. */
  record Deleting(ImageKey key, Instant at) {
    /** True while it is sure that nobody publishes over it. */
    boolean isBarredAt(Instant now) {
      return now.isBefore(at.plus(Tombstone.PATIENCE));
    }
  }

  /**
   * Marks what is published.
   *
   * @param listed the state that it was chosen in
   * @return empty if it has another state by now, or another cleanup has being deleted it
   */
  Optional<Marked> mark(ImageKey key, ETag listed, String removal) {
    Optional<StoredObject> found =
        store
            .get(key.metadata(), ImageMetadata.MAX_BYTES)
            .filter(object -> object.etag().equals(listed));
    if (found.isEmpty()) {
      return Optional.empty();
    }
    ObjectNode document = Documents.parse(key.metadata(), found.get().content());
    if (Tombstone.of(document).filter(mark -> mark.bars(clock.instant())).isPresent()) {
      return Optional.empty();
    }
    ObjectNode marked = mark(Stage.MARKED, removal).markIn(document, actor, now());
    return put(key, marked, Precondition.ifMatch(listed))
        .map(state -> new Marked(key, removal, marked, state));
  }

  /** What was interrupted in this state can be undone. */
  Optional<Marked> marked(ImageKey key) {
    return found(key)
        .filter(object -> !object.tombstone().isDeleting())
        .map(
            object ->
                new Marked(key, object.tombstone().removal(), object.document(), object.state()));
  }

  /**
   * Takes over what was being deleted by a cleanup that has come to no end.
   *
   * @return empty if it is not being deleted; or that cleanup may still be at work
   */
  Optional<Deleting> takeOver(ImageKey key) {
    return found(key)
        .filter(
            object -> object.tombstone().isDeleting() && !object.tombstone().bars(clock.instant()))
        .flatMap(
            object ->
                markDeleting(
                    key, object.tombstone().removal(), Precondition.ifMatch(object.state())));
  }

  /** True if it is being deleted, whether the removal is still under way or not. */
  boolean isDeleting(ImageKey key) {
    return found(key).filter(object -> object.tombstone().isDeleting()).isPresent();
  }

  private record Found(Tombstone tombstone, ObjectNode document, ETag state) {}

  private Optional<Found> found(ImageKey key) {
    return store
        .get(key.metadata(), ImageMetadata.MAX_BYTES)
        .flatMap(
            object -> {
              ObjectNode document = Documents.parse(object.key(), object.content());
              return Tombstone.of(document)
                  .map(tombstone -> new Found(tombstone, document, object.etag()));
            });
  }

  /**
   * Takes a mark away, unless somebody has written something else there since: they answer for
   * that. What holds nothing but the mark stays as it is.
   */
  void restore(Marked marked) {
    ObjectNode restored = Tombstone.without(marked.document());
    if (!restored.isEmpty()) {
      put(marked.key(), restored, Precondition.ifMatch(marked.state()));
    }
  }

  /**
   * Marks what is marked for removal as being deleted.
   *
   * @return empty if somebody has published or restored it since
   */
  Optional<Deleting> markDeleting(Marked marked) {
    return markDeleting(marked.key(), marked.removal(), Precondition.ifMatch(marked.state()));
  }

  /**
   * Marks what has no metadata as being deleted.
   *
   * @return empty if there is some by now
   */
  Optional<Deleting> markAbsentDeleting(ImageKey key, String removal) {
    return markDeleting(key, removal, Precondition.ifAbsent());
  }

  private Optional<Deleting> markDeleting(ImageKey key, String removal, Precondition precondition) {
    OffsetDateTime now = now();
    ObjectNode nothingElse = mark(Stage.DELETING, removal).markIn(Documents.create(), actor, now);
    return put(key, nothingElse, precondition).map(state -> new Deleting(key, now.toInstant()));
  }

  private Tombstone mark(Stage stage, String removal) {
    return new Tombstone(stage, removal, clock.instant());
  }

  private OffsetDateTime now() {
    return OffsetDateTime.now(clock);
  }

  /** Empty if the precondition does not hold. */
  private Optional<ETag> put(ImageKey key, ObjectNode document, Precondition precondition) {
    try {
      return Optional.of(writes.putSigned(key.metadata(), document, precondition));
    } catch (StoreException e) {
      if (e.kind() != StoreException.Kind.PRECONDITION_FAILED) {
        throw e;
      }
      return Optional.empty();
    }
  }
}
