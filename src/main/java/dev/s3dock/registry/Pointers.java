package dev.s3dock.registry;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.s3dock.image.AppName;
import dev.s3dock.image.Environment;
import dev.s3dock.image.Printable;
import dev.s3dock.image.Version;
import dev.s3dock.store.ETag;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.ObjectStore;
import dev.s3dock.store.Precondition;
import dev.s3dock.store.StoreException;
import java.time.Clock;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;

/**
 * Reads and moves the pointers of environments and versions. A pointer is written by
 * compare-and-set on the state that was read; after that its target is looked at again, and if
 * cleanup has taken the image meanwhile, the pointer is taken back. Cleanup marks the image first
 * and looks at the pointers after that, so one of the two always sees the other.
 */
public final class Pointers {
  private final ObjectStore store;
  private final DocumentWrites writes;
  private final Images images;
  private final Clock clock;
  private final Actor actor;

  /** The {@code actor} is recorded in the pointers and audit events that this writes. */
  public Pointers(ObjectStore store, Images images, Clock clock, Actor actor) {
    this.store = store;
    this.writes = new DocumentWrites(store);
    this.images = images;
    this.clock = clock;
    this.actor = actor;
  }

  /** The pointer of an environment; empty if nothing was ever promoted to it. */
  public Optional<Pointer> find(AppName app, Environment environment) {
    return read(BucketLayout.pointer(app, environment));
  }

  /** The pointer of a version; empty if there is no such version. */
  public Optional<Pointer> find(AppName app, Version version) {
    return read(BucketLayout.tag(app, version));
  }

  /**
   * Follows a pointer to its image, by way of a version if it targets one. Two reads at the most.
   *
   * @throws RegistryException {@link RegistryException.Kind#CORRUPT} if the way ends nowhere
   */
  public ImageKey follow(Pointer pointer) {
    return target(pointer).image();
  }

  private Pointer.Target.OfImage target(Pointer pointer) {
    return switch (Destination.of(pointer, this::read)) {
      case Destination.Image image -> image.target();
      case Destination.NoVersion none ->
          throw Documents.corrupt(pointer.key(), "leads to " + none.version() + ", which is gone");
      case Destination.Chain chain ->
          throw Documents.corrupt(chain.from(), "leads to another version, " + chain.to());
    };
  }

  /**
   * Follows a pointer to an image that is published.
   *
   * @throws RegistryException {@link RegistryException.Kind#CORRUPT} if it leads to none
   */
  public Published requireImage(Pointer pointer) {
    Pointer.Target.OfImage target = target(pointer);
    return images
        .at(target.image())
        .orElseThrow(
            () ->
                Documents.corrupt(
                    pointer.key(), "leads to " + target.key() + ", which is not published"));
  }

  /** The pointer at this key, which is that of an environment or a version. */
  public Optional<Pointer> read(ObjectKey key) {
    return store.get(key, Pointer.MAX_BYTES).flatMap(Pointer::parse);
  }

  /**
   * True if there is an environment or a version at this key, be it damaged; false if there never
   * was one, or it was removed or taken back and only says so.
   */
  public boolean isThere(ObjectKey key) {
    try {
      return read(key).isPresent();
    } catch (RegistryException e) {
      return true;
    } catch (StoreException e) {
      if (e.kind() != StoreException.Kind.TOO_LARGE) {
        throw e;
      }
      return true;
    }
  }

  /**
   * Writes a pointer over the state that was read.
   *
   * @param before what the caller read at {@code key}, empty if nothing
   * @param image the image that {@code target} leads to
   * @throws RegistryException {@link RegistryException.Kind#CONFLICT} if the pointer was moved
   *     meanwhile; {@link RegistryException.Kind#NOT_FOUND} if the image was removed meanwhile
   */
  public void move(ObjectKey key, Optional<Pointer> before, Pointer.Target target, ImageKey image) {
    move(key, before, target, image, Optional.empty());
  }

  /**
   * The same for an environment that hosts do not follow all at once.
   *
   * @param rollout how they do
   */
  public void move(
      ObjectKey key,
      Optional<Pointer> before,
      Pointer.Target target,
      ImageKey image,
      Optional<ObjectNode> rollout) {
    ObjectNode document =
        Pointer.document(
            before, target, image.reference(), OffsetDateTime.now(clock), actor, rollout);
    ETag written = compareAndSet(key, before, document);
    Optional<String> gone = gone(image, target, key);
    if (gone.isPresent()) {
      takeBack(key, before, document, written);
      throw RegistryException.notFound(
          "%s was removed from %s while %s was written; %s is unchanged"
              .formatted(gone.get(), store.describe(), key, key),
          image.reference().tag(),
          List.of());
    }
  }

  /** What was removed of that which the pointer leads to. */
  private Optional<String> gone(ImageKey image, Pointer.Target target, ObjectKey written) {
    try {
      if (images.at(image).isEmpty()) {
        return Optional.of("image " + image.reference());
      }
      return target instanceof Pointer.Target.OfVersion of && !hold(of.key())
          ? Optional.of("version " + of.version())
          : Optional.empty();
    } catch (StoreException e) {
      throw e.after(
          "%s was written, but has no audit event, and s3dock could not check that its image still exists: run the command again"
              .formatted(written));
    }
  }

  /**
   * Keeps a version that a pointer leads to from now on: a mark is taken away, so that who has made
   * it cannot go on.
   *
   * @return false if it is gone
   */
  private boolean hold(ObjectKey version) {
    while (true) {
      Optional<Pointer> found = read(version);
      if (found.filter(Pointer::isMarked).isEmpty()) {
        return found.isPresent();
      }
      try {
        unmark(found.get());
      } catch (StoreException e) {
        if (e.kind() != StoreException.Kind.PRECONDITION_FAILED) {
          throw e;
        }
        // somebody else has written it: look again
      }
    }
  }

  private void unmark(Pointer marked) {
    writes.put(marked.key(), marked.unmarked(), Precondition.ifMatch(marked.etag()));
  }

  /**
   * Says in a version that it is about to be removed, by compare-and-set. It counts as there until
   * {@link #withdraw}; whoever begins to follow it takes the mark away.
   *
   * @return what stands there now
   * @throws RegistryException {@link RegistryException.Kind#CONFLICT} if it was moved meanwhile
   */
  public Pointer mark(Pointer pointer) {
    ObjectNode marked = pointer.document().deepCopy();
    marked.put(Pointer.REMOVING, Documents.time(OffsetDateTime.now(clock)));
    DocumentWrites.sign(marked);
    return new Pointer(
        pointer.key(),
        pointer.target(),
        pointer.promotedBy(),
        pointer.promotedAt(),
        marked,
        replace(pointer, marked));
  }

  /** Takes such a mark away, unless somebody has written something else there since. */
  public void restore(Pointer marked) {
    try {
      unmark(marked);
    } catch (StoreException e) {
      if (e.kind() != StoreException.Kind.PRECONDITION_FAILED) {
        throw e;
      }
    }
  }

  /**
   * Makes a pointer one that counts as absent, by compare-and-set; what it was stands in it. It is
   * not deleted, as a delete could hit what somebody writes there at the same time.
   *
   * @throws RegistryException {@link RegistryException.Kind#CONFLICT} if it was moved meanwhile
   */
  public void withdraw(Pointer pointer) {
    replace(pointer, pointer.removed(OffsetDateTime.now(clock), actor));
  }

  /** What stood at this key before it was removed by its name; empty if nothing was. */
  public Optional<Pointer> removed(ObjectKey key) {
    return store.get(key, Pointer.MAX_BYTES).flatMap(Pointer::parseRemoved);
  }

  /**
   * Says something else about how hosts follow an environment, by compare-and-set; its target
   * stays.
   *
   * @throws RegistryException {@link RegistryException.Kind#CONFLICT} if it was moved meanwhile
   */
  public void steer(Pointer pointer, ObjectNode rollout) {
    ObjectNode document = pointer.document().deepCopy();
    document.set(Pointer.ROLLOUT, rollout);
    DocumentWrites.sign(document);
    replace(pointer, document);
  }

  private ETag replace(Pointer pointer, ObjectNode signed) {
    try {
      return writes.putSigned(pointer.key(), signed, Precondition.ifMatch(pointer.etag()));
    } catch (StoreException e) {
      if (e.kind() == StoreException.Kind.PRECONDITION_FAILED) {
        throw lostRace(pointer.key());
      }
      throw e;
    }
  }

  private ETag compareAndSet(ObjectKey key, Optional<Pointer> before, ObjectNode document) {
    Optional<ETag> expected = before.map(Pointer::etag).or(() -> withdrawnState(key));
    try {
      return writes.put(
          key, document, expected.map(Precondition::ifMatch).orElseGet(Precondition::ifAbsent));
    } catch (StoreException e) {
      if (e.kind() == StoreException.Kind.PRECONDITION_FAILED) {
        throw lostRace(key);
      }
      throw e;
    }
  }

  /** The state of a pointer that was taken back: it counts as absent, but its object is there. */
  private Optional<ETag> withdrawnState(ObjectKey key) {
    return store
        .get(key, Pointer.MAX_BYTES)
        .filter(object -> Pointer.parse(object).isEmpty())
        .map(object -> object.etag());
  }

  private RegistryException lostRace(ObjectKey key) {
    Optional<Pointer> now = read(key);
    return RegistryException.conflict(
        now.map(
                p ->
                    "%s was moved meanwhile by %s, to %s, at %s; nothing was overwritten: check it, and try again"
                        .formatted(
                            key,
                            Printable.of(p.promotedBy()),
                            Printable.of(p.sourceImage()),
                            Printable.time(p.promotedAt())))
            .orElse(key + " was removed meanwhile; check it, and try again"));
  }

  /**
   * Puts the former state back, or a mark that counts as absent. Never deletes: a delete has no
   * precondition, and could hit the pointer of somebody who came after.
   */
  private void takeBack(
      ObjectKey key, Optional<Pointer> before, ObjectNode document, ETag written) {
    ObjectNode former = before.map(Pointer::document).orElseGet(() -> withdrawn(document));
    try {
      writes.putSigned(key, former, Precondition.ifMatch(written));
    } catch (StoreException e) {
      if (e.kind() != StoreException.Kind.PRECONDITION_FAILED) {
        throw e.after(
            "%s was written, but its image was removed meanwhile, and the write could not be undone: move it to another image"
                .formatted(key));
      }
      // Somebody has moved the pointer on since, and answers for the new target.
    }
  }

  private static ObjectNode withdrawn(ObjectNode document) {
    ObjectNode withdrawn = document.deepCopy();
    DocumentWrites.sign(withdrawn);
    return withdrawn.put(
        ImageMetadata.TOMBSTONE, "taken back: the image was removed while this was written");
  }
}
