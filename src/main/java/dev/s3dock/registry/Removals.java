package dev.s3dock.registry;

import dev.s3dock.image.AppName;
import dev.s3dock.image.ImageReference;
import dev.s3dock.registry.AuditLog.Removed;
import dev.s3dock.registry.BucketLayout.ImageKey;
import dev.s3dock.registry.Journals.Journal;
import dev.s3dock.registry.Removal.OfImage;
import dev.s3dock.registry.Removal.OfOrphan;
import dev.s3dock.registry.Removal.OfReplaced;
import dev.s3dock.registry.Removal.OfTemporary;
import dev.s3dock.registry.Removal.OfUpload;
import dev.s3dock.registry.Tombstones.Condemned;
import dev.s3dock.registry.Tombstones.Marked;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.ObjectStat;
import dev.s3dock.store.ObjectStore;
import dev.s3dock.store.StoreException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Removes things from a bucket so that no pointer ever leads nowhere and no push is lost, whatever
 * else goes on and whenever this ends. The protocol and why it holds are in {@code
 * docs/adr/0031-removal.md}. For an image:
 *
 * <ol>
 *   <li>a journal names what is about to go, so that what a crash leaves is found again
 *   <li>its metadata are <i>marked</i>, by compare-and-set: it counts as absent from here on
 *   <li>all that may lead to it is read again; if something does, the marks are taken away
 *   <li>its metadata are <i>condemned</i>, by compare-and-set on the marks: nobody takes that away,
 *       and nobody publishes over it for as long as a delete may be on its way
 *   <li>the audit event is written
 *   <li>the archives are deleted, then the metadata, that of the plain name last
 * </ol>
 */
final class Removals {
  private static final int BATCH = 100;
  private static final String TOO_SLOW =
      "it took too long; the next cleanup, in a quarter of an hour or later, goes on with it";

  private final ObjectStore store;
  private final Clock clock;
  private final AuditLog audit;
  private final Needed needed;
  private final int atOnce;
  private final Tombstones tombstones;
  private final Journals journals;

  Removals(ObjectStore store, Clock clock, Actor actor, AuditLog audit, Needed needed, int atOnce) {
    this.store = store;
    this.clock = clock;
    this.audit = audit;
    this.needed = needed;
    this.atOnce = atOnce;
    this.tombstones = new Tombstones(store, clock, actor);
    this.journals = new Journals(store, clock, actor);
  }

  /** How many runs of cleanup have come to no end. */
  int interrupted(AppName app) {
    return journals.interrupted(app).size();
  }

  /** Ends what was interrupted: what was marked is restored, what was condemned goes. */
  void settle(AppName app) {
    for (Journal journal : journals.interrupted(app)) {
      boolean settled = true;
      for (ImageKey key : journal.images().reversed()) {
        settled &= settle(key, journal.removal());
      }
      if (settled) {
        journals.close(journal);
      }
    }
  }

  /**
   * True if it is settled. A further platform goes with the first one, without which nobody would
   * find it.
   */
  private boolean settle(ImageKey key, String removal) {
    Optional<Marked> marked = tombstones.marked(key);
    Optional<Condemned> condemned;
    if (marked.isPresent() && tombstones.isCondemned(key.ofFirstPlatform())) {
      condemned = tombstones.condemn(marked.get());
    } else {
      marked.ifPresent(tombstones::restore);
      condemned = tombstones.takeOver(key);
    }
    return condemned.isPresent() ? finish(condemned.get(), removal) : !tombstones.isCondemned(key);
  }

  private boolean finish(Condemned condemned, String removal) {
    ImageKey key = condemned.key();
    List<ObjectKey> archives =
        Stream.of(ArchiveForm.values()).map(form -> key.in(form).archive()).toList();
    audit.append(
        new Removed(
            key.reference(), removal, "an interrupted cleanup had condemned it", 0, archives));
    return delete(List.of(condemned), archives);
  }

  /**
   * Removes all of it. After an error nothing of the batch is marked any more, unless the store
   * does not even take that; then the next cleanup does.
   */
  void remove(AppName app, List<Removal> removals, Cleanup.Listener listener) {
    List<Removal> images = new ArrayList<>();
    List<Removal> others = new ArrayList<>();
    for (Removal removal : removals) {
      boolean guarded = removal instanceof OfImage || removal instanceof OfOrphan;
      (guarded ? images : others).add(removal);
    }
    for (int from = 0; from < images.size(); from += BATCH) {
      removeBatch(app, images.subList(from, Math.min(from + BATCH, images.size())), listener);
    }
    if (!others.isEmpty()) {
      removeOthers(app, others, listener);
    }
  }

  private void removeBatch(AppName app, List<Removal> batch, Cleanup.Listener listener) {
    String removal = UUID.randomUUID().toString();
    Journal journal = journals.open(app, removal, batch.stream().flatMap(Removals::keys).toList());
    Queue<Marked> marks = new ConcurrentLinkedQueue<>();
    boolean settled = false;
    try {
      List<Doomed> doomed = new ArrayList<>();
      inParallel(batch, one -> mark(one, removal, marks), doomed::add);
      Map<ImageReference, String> wanted = needed.references(app);
      List<Outcome> outcomes = new ArrayList<>();
      inParallel(doomed, one -> end(one, removal, wanted), outcomes::add);
      outcomes.forEach(outcome -> outcome.tell(listener));
      settled = outcomes.stream().allMatch(Outcome::settled);
    } finally {
      if (!settled) {
        undo(marks);
      }
    }
    if (settled) {
      journals.close(journal);
    }
  }

  /**
   * What has been condemned meanwhile stays so: its state is another one. Further platforms of it
   * stay marked, and the next cleanup takes them along.
   */
  private void undo(Queue<Marked> marks) {
    boolean interrupted = Thread.interrupted(); // else the store's client sends nothing
    try {
      for (Marked mark : marks) {
        if (!tombstones.isCondemned(mark.key().ofFirstPlatform())) {
          tombstones.restore(mark);
        }
      }
    } catch (StoreException e) {
      // the journal stays, and the next cleanup tries again; the error that led here tells why
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static Stream<ImageKey> keys(Removal removal) {
    return switch (removal) {
      case OfImage image -> image.platforms().stream().map(OfImage.Platform::key);
      case OfOrphan orphan -> Stream.of(orphan.key());
      default -> Stream.empty();
    };
  }

  /**
   * Something that may go if nothing leads to it.
   *
   * @param marks of its metadata, that of the plain name first; none where it has none, or where it
   *     has changed since it was listed
   */
  private record Doomed(Removal removal, List<Marked> marks) {}

  private Doomed mark(Removal removal, String id, Queue<Marked> all) {
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
    try (Stream<ObjectStat> objects =
        store.list(BucketLayout.variantPrefix(image.reference(), first.month()))) {
      return objects
          .flatMap(object -> Images.metadataKey(object.key()).stream())
          .anyMatch(key -> !known.contains(key));
    }
  }

  /**
   * What became of it.
   *
   * @param stays why it stays after all; empty if it is gone
   * @param settled false if it is neither gone nor as it was
   */
  private record Outcome(Removal removal, Optional<String> stays, boolean settled) {
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

  private Outcome end(Doomed doomed, String id, Map<ImageReference, String> wanted) {
    Removal removal = doomed.removal();
    String why = removal.image().map(wanted::get).orElse(null);
    if (why != null) {
      doomed.marks().reversed().forEach(tombstones::restore);
      return Outcome.kept(removal, "needed by now: " + why);
    }
    List<Condemned> condemned =
        removal instanceof OfOrphan orphan ? condemn(orphan, id) : condemn(doomed.marks());
    if (condemned.isEmpty()) {
      return Outcome.kept(removal, "changed meanwhile");
    }
    List<ObjectKey> archives = archives(removal, condemned);
    audit.append(
        new Removed(
            removal.image().orElseThrow(), id, removal.reason(), removal.bytes(), archives));
    return delete(condemned, archives)
        ? new Outcome(removal, Optional.empty(), true)
        : new Outcome(removal, Optional.of(TOO_SLOW), false);
  }

  private List<Condemned> condemn(OfOrphan orphan, String id) {
    ObjectStat archive = orphan.archive();
    return store.head(archive.key()).filter(archive::equals).isPresent()
        ? tombstones.condemnAbsent(orphan.key(), id).stream().toList()
        : List.of();
  }

  /** Where the plain name was published again, the further platforms stay, too. */
  private List<Condemned> condemn(List<Marked> marks) {
    List<Condemned> condemned = new ArrayList<>();
    for (Marked marked : marks) {
      boolean first = marked.equals(marks.getFirst());
      if (first || !condemned.isEmpty()) {
        tombstones.condemn(marked).ifPresent(condemned::add);
      } else {
        tombstones.restore(marked);
      }
    }
    return condemned;
  }

  private static List<ObjectKey> archives(Removal removal, List<Condemned> condemned) {
    List<ObjectStat> listed =
        switch (removal) {
          case OfImage image -> image.archives();
          case OfOrphan orphan -> List.of(orphan.archive());
          default -> List.of();
        };
    Set<ObjectKey> theirs =
        condemned.stream()
            .flatMap(c -> Stream.of(ArchiveForm.values()).map(form -> c.key().in(form).archive()))
            .collect(Collectors.toSet());
    return listed.stream().map(ObjectStat::key).filter(theirs::contains).toList();
  }

  /** True if all is deleted; false if that took so long that somebody may publish there again. */
  private boolean delete(List<Condemned> condemned, List<ObjectKey> archives) {
    List<ObjectKey> keys = new ArrayList<>(archives);
    condemned.reversed().forEach(c -> keys.add(c.key().metadata()));
    for (ObjectKey key : keys) {
      if (!condemned.stream().allMatch(c -> c.isBarredAt(clock.instant()))) {
        return false;
      }
      store.delete(key);
    }
    return true;
  }

  private void removeOthers(AppName app, List<Removal> others, Cleanup.Listener listener) {
    Journal journal = journals.open(app, UUID.randomUUID().toString(), List.of());
    inParallel(
        others,
        removal -> {
          removeOther(removal, journal.removal());
          return removal;
        },
        listener::removed);
    journals.close(journal);
  }

  /** Nobody else writes to these keys, so nothing has to be made sure of. */
  private void removeOther(Removal removal, String id) {
    switch (removal) {
      case OfReplaced replaced -> {
        List<ObjectKey> keys = replaced.objects().stream().map(ObjectStat::key).toList();
        audit.append(
            new Removed(replaced.reference(), id, replaced.reason(), replaced.bytes(), keys));
        keys.forEach(store::delete);
      }
      case OfTemporary temporary -> store.delete(temporary.object().key());
      case OfUpload upload -> store.abort(upload.upload());
      case OfImage _, OfOrphan _ -> throw new IllegalArgumentException(removal.name());
    }
  }

  private <N, T> void inParallel(List<N> all, Function<N, T> action, Consumer<T> consumer) {
    ParallelReads.inOrder(atOnce, all.iterator(), action, consumer);
  }
}
