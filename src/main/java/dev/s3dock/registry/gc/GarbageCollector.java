package dev.s3dock.registry.gc;

import static java.util.stream.Collectors.toSet;

import dev.s3dock.concurrent.ParallelReads;
import dev.s3dock.image.AppName;
import dev.s3dock.image.Digest;
import dev.s3dock.image.ImageReference;
import dev.s3dock.registry.Actor;
import dev.s3dock.registry.ImageKey;
import dev.s3dock.registry.audit.AuditLog;
import dev.s3dock.registry.audit.CleanupEvent;
import dev.s3dock.registry.gc.ImageRemoval.Doomed;
import dev.s3dock.registry.gc.ImageRemoval.Outcome;
import dev.s3dock.registry.gc.Journals.Journal;
import dev.s3dock.registry.gc.Removal.OfImage;
import dev.s3dock.registry.gc.Removal.OfManifest;
import dev.s3dock.registry.gc.Removal.OfMark;
import dev.s3dock.registry.gc.Removal.OfOrphan;
import dev.s3dock.registry.gc.Removal.OfReplaced;
import dev.s3dock.registry.gc.Removal.OfRollout;
import dev.s3dock.registry.gc.Removal.OfTemporary;
import dev.s3dock.registry.gc.Removal.OfUpload;
import dev.s3dock.registry.gc.Tombstones.Marked;
import dev.s3dock.registry.layer.LayerHints;
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
import java.util.stream.Stream;

/**
 * Removes things from a bucket so that no pointer ever leads nowhere and no push is lost, whatever
 * else goes on and whenever this ends. The protocol and why it holds are in {@code
 * docs/adr/0031-garbage-collection.md}. For an image:
 *
 * <ol>
 *   <li>a journal names what is about to go, so that what a crash leaves is found again
 *   <li>its metadata are <i>marked</i>, by compare-and-set: it counts as absent from here on
 *   <li>all that may lead to it is read again; if something does, the marks are taken away
 *   <li>its metadata are <i>being deleted</i>, by compare-and-set on the marks: nobody takes that
 *       away, and nobody publishes over it for as long as a delete may be on its way
 *   <li>the audit event is written
 *   <li>what leads to it from the digest of its manifest is forgotten
 *   <li>the archives are deleted, then the metadata, that of the plain name last
 *   <li>what leads other apps to their layers is forgotten
 * </ol>
 *
 * <p>An archive without metadata is being deleted from the start, and the mark in the place of its
 * metadata stays until a later cleanup: a push that found no metadata and the archive in place
 * would else find none again, and publish what is gone.
 */
final class GarbageCollector {
  private static final int BATCH = 100;

  private final ObjectStore store;
  private final AuditLog audit;
  private final LiveReferences needed;
  private final int atOnce;
  private final Tombstones tombstones;
  private final Journals journals;
  private final ImageRemoval images;
  private final ManifestRemoval manifests;
  private final LayerHints hints;
  private final EndedRollouts rollouts;
  private final Clock clock;

  GarbageCollector(
      ObjectStore store,
      Clock clock,
      Actor actor,
      AuditLog audit,
      LiveReferences needed,
      EndedRollouts rollouts,
      int atOnce) {
    this.store = store;
    this.audit = audit;
    this.needed = needed;
    this.rollouts = rollouts;
    this.clock = clock;
    this.atOnce = atOnce;
    this.tombstones = new Tombstones(store, clock, actor);
    this.journals = new Journals(store, clock, actor);
    this.manifests = new ManifestRemoval(store, clock, actor);
    this.hints = new LayerHints(store, atOnce);
    this.images = new ImageRemoval(store, clock, tombstones, manifests, audit);
  }

  /** How many runs of cleanup have come to no end. */
  int interrupted(AppName app) {
    return journals.interrupted(app).size();
  }

  /** Ends what was interrupted: what was marked is restored, what was being deleted goes. */
  void settle(AppName app) {
    List<Journal> interrupted = journals.interrupted(app);
    if (interrupted.isEmpty()) {
      return;
    }
    // with a clock that is wrong, a cleanup that is at work looks interrupted
    journals.close(journals.open(app, UUID.randomUUID().toString(), List.of()));
    for (Journal journal : interrupted) {
      boolean settled = true;
      for (ImageKey key : journal.images().reversed()) {
        settled &= images.settle(key, journal.removal());
      }
      if (settled) {
        journals.close(journal);
      }
    }
  }

  /**
   * Removes all of it. After an error nothing of the batch is marked any more, unless the store
   * does not even take that; then the next cleanup does.
   */
  void remove(AppName app, List<Removal> removals, Cleanup.Listener listener) {
    List<Removal> ofImages = new ArrayList<>();
    List<Removal> others = new ArrayList<>();
    for (Removal removal : removals) {
      boolean guarded = removal instanceof OfImage || removal instanceof OfOrphan;
      (guarded ? ofImages : others).add(removal);
    }
    for (int from = 0; from < ofImages.size(); from += BATCH) {
      removeBatch(app, ofImages.subList(from, Math.min(from + BATCH, ofImages.size())), listener);
    }
    if (!others.isEmpty()) {
      removeOthers(app, others, listener);
    }
  }

  private void removeBatch(AppName app, List<Removal> batch, Cleanup.Listener listener) {
    String removal = UUID.randomUUID().toString();
    Journal journal =
        journals.open(app, removal, batch.stream().flatMap(GarbageCollector::keys).toList());
    Queue<Marked> marks = new ConcurrentLinkedQueue<>();
    boolean settled = false;
    try {
      List<Doomed> doomed = new ArrayList<>();
      inParallel(batch, one -> images.mark(one, removal, marks), doomed::add);
      Map<ImageReference, String> wanted = needed.references(app);
      List<Outcome> outcomes = new ArrayList<>();
      inParallel(doomed, one -> images.end(one, removal, wanted), outcomes::add);
      outcomes.forEach(outcome -> outcome.tell(listener));
      settled = outcomes.stream().allMatch(Outcome::settled);
      forgetLayers(outcomes, marks);
    } finally {
      if (!settled) {
        undo(marks);
      }
    }
    if (settled) {
      journals.close(journal);
    }
  }

  /** What leads other apps to layers of archives that are gone: once for a layer of several. */
  private void forgetLayers(List<Outcome> outcomes, Queue<Marked> marks) {
    Set<ObjectKey> archives =
        outcomes.stream()
            .filter(outcome -> outcome.stays().isEmpty())
            .flatMap(outcome -> keys(outcome.removal()))
            .flatMap(key -> key.archives().stream())
            .collect(toSet());
    Set<Digest> diffIds =
        marks.stream()
            .filter(mark -> mark.key().archives().stream().anyMatch(archives::contains))
            .flatMap(mark -> LayerHints.hinted(mark.document()).stream())
            .collect(toSet());
    hints.forget(archives, diffIds);
  }

  /**
   * What has been being deleted meanwhile stays so: its state is another one. Further platforms of
   * it stay marked, and the next cleanup takes them along.
   */
  private void undo(Queue<Marked> marks) {
    boolean interrupted = Thread.interrupted(); // else the store's client sends nothing
    try {
      for (Marked mark : marks) {
        if (!tombstones.isDeleting(mark.key().ofFirstPlatform())) {
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

  private void removeOthers(AppName app, List<Removal> others, Cleanup.Listener listener) {
    Journal journal = journals.open(app, UUID.randomUUID().toString(), List.of());
    inParallel(
        others,
        removal -> removeOther(removal, journal.removal()),
        outcome -> outcome.tell(listener));
    journals.close(journal);
  }

  /** Nobody else writes to most of these keys, so nothing has to be made sure of. */
  private Outcome removeOther(Removal removal, String id) {
    switch (removal) {
      case OfReplaced replaced -> {
        List<ObjectKey> keys = replaced.objects().stream().map(ObjectStat::key).toList();
        audit.append(
            replaced.reference(),
            new CleanupEvent(
                replaced.reference().toString(),
                id,
                replaced.reason(),
                replaced.bytes(),
                keys.stream().map(ObjectKey::value).toList()));
        keys.forEach(store::delete);
      }
      case OfManifest manifest -> {
        if (!manifests.remove(manifest, id)) {
          return Outcome.kept(removal, "changed meanwhile");
        }
      }
      case OfMark mark -> {
        if (!images.remove(mark)) {
          return Outcome.kept(removal, "changed meanwhile");
        }
      }
      case OfRollout rollout -> {
        if (!rollouts.remove(rollout, clock.instant().minus(Retention.GRACE))) {
          return Outcome.kept(removal, "changed meanwhile");
        }
      }
      case OfTemporary temporary -> store.delete(temporary.object().key());
      case OfUpload upload -> store.abort(upload.upload());
      case OfImage _, OfOrphan _ -> throw new IllegalArgumentException(removal.name());
    }
    return new Outcome(removal, Optional.empty(), true);
  }

  private <N, T> void inParallel(List<N> all, Function<N, T> action, Consumer<T> consumer) {
    ParallelReads.inOrder(atOnce, all.iterator(), action, consumer);
  }
}
