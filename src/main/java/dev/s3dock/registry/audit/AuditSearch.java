package dev.s3dock.registry.audit;

import dev.s3dock.concurrent.ParallelReads;
import dev.s3dock.image.AppName;
import dev.s3dock.image.ImageReference;
import dev.s3dock.registry.BucketLayout;
import dev.s3dock.registry.EventKey;
import dev.s3dock.registry.RegistryException;
import dev.s3dock.store.ObjectStore;
import dev.s3dock.store.StoreException;
import java.time.Clock;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Reads what an audit trail has to an {@link AuditQuery}. A month that cannot hold anything of it
 * is not listed, and an object whose key rules it out is not read.
 */
public final class AuditSearch {
  private final ObjectStore store;
  private final EventObjects objects;
  private final Clock clock;

  /** Creates a view of this store; the clock says what is new. */
  public AuditSearch(ObjectStore store, Clock clock) {
    this.store = store;
    this.objects = new EventObjects(store);
    this.clock = clock;
  }

  /**
   * Reads all that is wanted, oldest first. Memory does not grow with the trail, see {@link
   * TimeOrder}.
   */
  public void read(AuditQuery query, Consumer<AuditEntry> consumer) {
    TimeOrder ordered = new TimeOrder(consumer);
    for (YearMonth month : months(query)) {
      try (Stream<EventKey> keys = keys(query, month)) {
        readAll(query, keys.iterator(), ordered::add);
      }
    }
    ordered.end();
  }

  /**
   * Reads the newest few of all that is wanted, oldest of them first. Which are the newest is told
   * by the minutes in their keys.
   *
   * @param most how many there are at most; so many are held in memory
   */
  public void readNewest(AuditQuery query, int most, Consumer<AuditEntry> consumer) {
    NewestEvents newest = new NewestEvents(most);
    for (YearMonth month : months(query).reversed()) {
      if (newest.isFull()) {
        break;
      }
      List<EventKey> latestFirst = objects.latestFirst(query.app(), month, query::mayHold);
      readAll(
          query,
          latestFirst.stream().takeWhile(key -> !newest.isFullOfLaterThan(key)).iterator(),
          newest::add);
    }
    newest.oldestFirst().forEach(consumer);
  }

  /**
   * The last event that tells of the removal of an image; empty if none does. Only events of
   * cleanups that bear the hash of its commit are read.
   */
  public Optional<AuditEntry.Event> removal(ImageReference image) {
    for (YearMonth month : objects.months(image.app()).reversed()) {
      List<EventKey> latestFirst =
          objects.latestFirst(
              image.app(),
              month,
              key -> key.event().equals(CleanupEvent.TYPE) && key.hash().equals(image.hash()));
      Optional<AuditEntry.Event> found =
          latestFirst.stream()
              .flatMap(key -> entry(key).stream())
              .flatMap(
                  it ->
                      it.entry() instanceof AuditEntry.Event event
                          ? Stream.of(event)
                          : Stream.<AuditEntry.Event>empty())
              .filter(event -> removes(event, image))
              .max(AuditEntry.OLDEST_FIRST);
      if (found.isPresent()) {
        return found;
      }
    }
    return Optional.empty();
  }

  /** What a cleanup deletes of images that were replaced, bears their name too. */
  private static boolean removes(AuditEntry.Event event, ImageReference image) {
    return event.what() instanceof CleanupEvent cleanup
        && cleanup.image().equals(image.toString())
        && cleanup.archives().stream().allMatch(key -> key.startsWith(BucketLayout.IMAGES));
  }

  /** Watches for events that are written from now on. */
  public NewEvents watch(AuditQuery query) {
    return new NewEvents(this, query, clock);
  }

  /** True if there is an audit trail of this app. */
  public boolean exists(AppName app) {
    return !objects.months(app).isEmpty();
  }

  /** The error for a trail in which so many objects are no events. */
  public RegistryException damaged(AppName app, long count) {
    return RegistryException.corrupt(
        "%d of the events of %s in %s %s damaged; s3dock audit %s names them: restore them, or keep in mind that they are lost"
            .formatted(count, app, store.describe(), count == 1 ? "is" : "are", app));
  }

  private List<YearMonth> months(AuditQuery query) {
    return objects.months(query.app()).stream().filter(query::mayHold).toList();
  }

  /** The keys of a month that may be wanted, in their order; to be closed. */
  private Stream<EventKey> keys(AuditQuery query, YearMonth month) {
    return objects.keys(query.app(), month).filter(query::mayHold);
  }

  /** The keys of all that may be wanted. */
  List<EventKey> keys(AuditQuery query) {
    List<EventKey> found = new ArrayList<>();
    for (YearMonth month : months(query)) {
      try (Stream<EventKey> keys = keys(query, month)) {
        keys.forEach(found::add);
      }
    }
    return found;
  }

  /** Reads in the order of the keys, and hands on what is wanted. */
  void readAll(AuditQuery query, Iterator<EventKey> keys, Consumer<Found> consumer) {
    ParallelReads.inOrder(
        keys,
        this::entry,
        found -> found.filter(it -> query.isFor(it.entry())).ifPresent(consumer));
  }

  /**
   * What was found under a key.
   *
   * @param bytes of its content
   */
  record Found(EventKey key, AuditEntry entry, int bytes) {}

  /** Empty if the object went away meanwhile. */
  private Optional<Found> entry(EventKey key) {
    try {
      return objects.get(key.key()).map(object -> found(key, object.content()));
    } catch (StoreException e) {
      if (e.kind() != StoreException.Kind.TOO_LARGE) {
        throw e;
      }
      return Optional.of(new Found(key, AuditEntry.Damaged.of(key, e), 0));
    }
  }

  private static Found found(EventKey key, byte[] content) {
    try {
      return new Found(key, AuditEntry.Event.parse(key.key(), content), content.length);
    } catch (RegistryException e) {
      return new Found(key, AuditEntry.Damaged.of(key, e), 0);
    }
  }
}
