package dev.s3dock.registry.gc;

import dev.s3dock.image.ImageReference;
import dev.s3dock.registry.ImageKey;
import dev.s3dock.registry.ImageListing;
import dev.s3dock.registry.ImageMetadata;
import dev.s3dock.registry.ImageMetadata.ServedManifest;
import dev.s3dock.registry.audit.AuditLog;
import dev.s3dock.registry.audit.CleanupEvent;
import dev.s3dock.registry.gc.Removal.OfImage;
import dev.s3dock.registry.gc.Removal.OfMark;
import dev.s3dock.registry.gc.Removal.OfOrphan;
import dev.s3dock.registry.gc.Tombstones.Deleting;
import dev.s3dock.registry.gc.Tombstones.Marked;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.ObjectStat;
import dev.s3dock.store.ObjectStore;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The steps of {@link GarbageCollector} that are about one image, or one archive without metadata.
 */
final class ImageRemoval {
  private static final String TOO_SLOW =
      "it took too long; run cleanup again after 15 minutes or later to complete it";

  private final ObjectStore store;
  private final Clock clock;
  private final Tombstones tombstones;
  private final ManifestRemoval manifests;
  private final AuditLog audit;

  ImageRemoval(
      ObjectStore store,
      Clock clock,
      Tombstones tombstones,
      ManifestRemoval manifests,
      AuditLog audit) {
    this.store = store;
    this.clock = clock;
    this.tombstones = tombstones;
    this.manifests = manifests;
    this.audit = audit;
  }

  /**
   * Something that may go if nothing leads to it.
   *
   * @param marks of its metadata, that of the plain name first; none where it has none, or where it
   *     has changed since it was listed
   */
  record Doomed(Removal removal, List<Marked> marks) {}

  /**
   * Marks what has metadata.
   *
   * @param id of the batch
   * @param all gets every mark that was made, also if this fails
   */
  Doomed mark(Removal removal, String id, Queue<Marked> all) {
    if (!(removal instanceof OfImage image)) {
      return new Doomed(removal, List.of());
    }
    List<Marked> marks = new ArrayList<>();
    for (OfImage.Platform platform : image.platforms()) {
      Optional<Marked> mark = tombstones.mark(platform.key(), platform.metadata().etag(), id);
      mark.ifPresent(marks::add);
      mark.ifPresent(all::add);
    }
    if (marks.size() < image.platforms().size() || hasOthers(image)) {
      marks.reversed().forEach(tombstones::restore);
      return new Doomed(removal, List.of());
    }
    return new Doomed(removal, marks);
  }

  /**
   * True if a further platform has been published since the listing. Whoever publishes one looks
   * for the mark after that.
   */
  private boolean hasOthers(OfImage image) {
    ImageKey first = image.platforms().getFirst().key();
    Set<ImageKey> known =
        image.platforms().stream().map(OfImage.Platform::key).collect(Collectors.toSet());
    try (Stream<ImageKey> keys =
        new ImageListing(store).published(image.reference(), first.month())) {
      return keys.anyMatch(key -> !known.contains(key));
    }
  }

  /**
   * What became of it.
   *
   * @param stays why it stays after all; empty if it is gone
   * @param settled false if it is neither gone nor as it was
   */
  record Outcome(Removal removal, Optional<String> stays, boolean settled) {
    static Outcome kept(Removal removal, String why) {
      return new Outcome(removal, Optional.of(why), true);
    }

    void tell(Cleanup.Listener listener) {
      if (stays.isPresent()) {
        listener.kept(removal, stays.get());
      } else {
        listener.removed(removal);
      }
    }
  }

  /**
   * Ends what was begun: restores what is needed, removes what is not.
   *
   * @param wanted what leads to images, read after all marks were made
   */
  Outcome end(Doomed doomed, String id, Map<ImageReference, String> wanted) {
    Removal removal = doomed.removal();
    String why = removal.image().map(wanted::get).orElse(null);
    if (why != null) {
      doomed.marks().reversed().forEach(tombstones::restore);
      return Outcome.kept(removal, "needed meanwhile: " + why);
    }
    List<Deleting> deleting =
        removal instanceof OfOrphan orphan
            ? markDeleting(orphan, id)
            : markDeleting(doomed.marks());
    if (deleting.isEmpty()) {
      return Outcome.kept(removal, "changed meanwhile");
    }
    List<ObjectKey> archives = archives(removal, deleting);
    ImageReference image = removal.image().orElseThrow();
    audit.append(
        image,
        new CleanupEvent(
            image.toString(), id, removal.reason(), removal.bytes(), values(archives)));
    List<ObjectKey> keys = new ArrayList<>(archives);
    if (!(removal instanceof OfOrphan)) {
      keys.addAll(metadata(deleting));
    }
    return forget(doomed.marks(), deleting, id) && delete(deleting, keys)
        ? new Outcome(removal, Optional.empty(), true)
        : new Outcome(removal, Optional.of(TOO_SLOW), false);
  }

  private List<Deleting> markDeleting(OfOrphan orphan, String id) {
    return isAsListed(orphan.archive())
        ? tombstones.markAbsentDeleting(orphan.key(), id).stream().toList()
        : List.of();
  }

  /** Asks for a listing once more: a HEAD may tell the time of the same state less exactly. */
  private boolean isAsListed(ObjectStat object) {
    try (Stream<ObjectStat> objects = store.list(object.key().value())) {
      return objects.anyMatch(object::equals);
    }
  }

  /** Where the plain name was published again, the further platforms stay, too. */
  private List<Deleting> markDeleting(List<Marked> marks) {
    List<Deleting> deleting = new ArrayList<>();
    for (Marked marked : marks) {
      boolean first = marked.equals(marks.getFirst());
      if (first || !deleting.isEmpty()) {
        tombstones.markDeleting(marked).ifPresent(deleting::add);
      } else {
        tombstones.restore(marked);
      }
    }
    return deleting;
  }

  private static List<ObjectKey> archives(Removal removal, List<Deleting> deleting) {
    List<ObjectStat> listed =
        switch (removal) {
          case OfImage image -> image.archives();
          case OfOrphan orphan -> List.of(orphan.archive());
          default -> List.of();
        };
    Set<ObjectKey> theirs =
        deleting.stream().flatMap(c -> c.key().archives().stream()).collect(Collectors.toSet());
    return listed.stream().map(ObjectStat::key).filter(theirs::contains).toList();
  }

  /** What was deleted before it was forgotten is found by the next cleanup: it leads nowhere. */
  private boolean forget(List<Marked> marks, List<Deleting> deleting, String id) {
    Set<ImageKey> going = deleting.stream().map(Deleting::key).collect(Collectors.toSet());
    for (Marked mark : marks) {
      Optional<ServedManifest> manifest = ImageMetadata.manifest(mark.document());
      if (manifest.isPresent() && going.contains(mark.key())) {
        if (!areBarred(deleting)) {
          return false;
        }
        manifests.forget(mark.key(), manifest.get().digest(), id);
      }
    }
    return true;
  }

  /** That of the plain name last. */
  private static List<ObjectKey> metadata(List<Deleting> deleting) {
    return deleting.reversed().stream().map(each -> each.key().metadata()).toList();
  }

  private boolean areBarred(List<Deleting> deleting) {
    return deleting.stream().allMatch(c -> c.isBarredAt(clock.instant()));
  }

  /** True if all is deleted; false if that took so long that somebody may publish there again. */
  private boolean delete(List<Deleting> deleting, List<ObjectKey> keys) {
    for (ObjectKey key : keys) {
      if (!areBarred(deleting)) {
        return false;
      }
      store.delete(key);
    }
    return true;
  }

  /**
   * Ends what a cleanup has begun that came to no end.
   *
   * <p>True if it is settled. A further platform goes with the first one, without which nobody
   * would find it.
   */
  boolean settle(ImageKey key, String removal) {
    Optional<Marked> marked = tombstones.marked(key);
    Optional<Deleting> deleting;
    if (marked.isPresent() && tombstones.isDeleting(key.ofFirstPlatform())) {
      deleting = tombstones.markDeleting(marked.get());
    } else {
      marked.ifPresent(tombstones::restore);
      deleting = tombstones.takeOver(key);
    }
    return deleting.isPresent() ? finish(deleting.get(), removal) : !tombstones.isDeleting(key);
  }

  private boolean finish(Deleting deleting, String removal) {
    ImageKey key = deleting.key();
    List<ObjectKey> archives = key.archives();
    audit.append(
        key.reference(),
        new CleanupEvent(
            key.reference().toString(),
            removal,
            "an interrupted cleanup had begun to delete it",
            0,
            values(archives)));
    return delete(
        List.of(deleting), Stream.concat(archives.stream(), Stream.of(key.metadata())).toList());
  }

  /**
   * Removes the mark of an archive that is gone.
   *
   * @return false if something else is there by now
   */
  boolean remove(OfMark mark) {
    return tombstones
        .takeOver(mark.key())
        .map(deleting -> delete(List.of(deleting), List.of(mark.metadata().key())))
        .orElse(false);
  }

  private static List<String> values(List<ObjectKey> keys) {
    return keys.stream().map(ObjectKey::value).toList();
  }
}
