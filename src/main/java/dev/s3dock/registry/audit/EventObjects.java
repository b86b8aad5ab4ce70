package dev.s3dock.registry.audit;

import dev.s3dock.image.AppName;
import dev.s3dock.registry.BucketLayout;
import dev.s3dock.registry.EventKey;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.ObjectStat;
import dev.s3dock.store.ObjectStore;
import dev.s3dock.store.StoreException;
import dev.s3dock.store.StoredObject;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** The objects of audit trails, by app and month: whoever reads a trail, lists and gets here. */
final class EventObjects {
  private static final int MAX_BYTES = 1 << 20;

  private final ObjectStore store;

  EventObjects(ObjectStore store) {
    this.store = store;
  }

  /** The months of which an app has events, in order. */
  List<YearMonth> months(AppName app) {
    try (Stream<String> folders = store.listFolders(BucketLayout.auditFolder(app))) {
      return folders.flatMap(name -> BucketLayout.parseMonth(name).stream()).sorted().toList();
    }
  }

  /** The keys of a month in their order; to be closed. */
  Stream<EventKey> keys(AppName app, YearMonth month) {
    return store
        .list(BucketLayout.auditFolder(app, month))
        .map(ObjectStat::key)
        .flatMap(key -> BucketLayout.parseEvent(key).stream());
  }

  /** Some keys of a month, those of the latest minutes first. */
  List<EventKey> latestFirst(AppName app, YearMonth month, Predicate<EventKey> wanted) {
    List<EventKey> found = new ArrayList<>();
    try (Stream<EventKey> keys = keys(app, month)) {
      keys.filter(wanted).forEach(found::add);
    }
    found.sort(Comparator.comparing(EventKey::minute).reversed());
    return found;
  }

  /**
   * An object as it stands; empty if it went away meanwhile.
   *
   * @throws StoreException {@link StoreException.Kind#TOO_LARGE} if it is far larger than any event
   */
  Optional<StoredObject> get(ObjectKey key) {
    return store.get(key, MAX_BYTES);
  }
}
