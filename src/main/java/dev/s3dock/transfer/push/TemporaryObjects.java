package dev.s3dock.transfer.push;

import dev.s3dock.image.AppName;
import dev.s3dock.registry.BucketLayout;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.ObjectStat;
import dev.s3dock.store.ObjectStore;
import dev.s3dock.store.StoreException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * Objects that a push needs for a moment. They go when this is closed; what a crash leaves behind,
 * a later push of the app sweeps away.
 */
final class TemporaryObjects implements AutoCloseable {
  /** Older ones belong to no push that still runs. */
  static final Duration GRACE = Duration.ofHours(24);

  private final ObjectStore store;
  private final AppName app;
  private final String push = UUID.randomUUID().toString();
  private final List<ObjectKey> keys = new ArrayList<>();

  TemporaryObjects(ObjectStore store, AppName app) {
    this.store = store;
    this.app = app;
  }

  /** A key that nobody else uses. */
  synchronized ObjectKey next() {
    ObjectKey key = BucketLayout.temporary(app, push, keys.size() + 1);
    keys.add(key);
    return key;
  }

  @Override
  public synchronized void close() {
    boolean interrupted = Thread.interrupted(); // else the store's client sends nothing
    keys.forEach(key -> delete(store, key));
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Removes what pushes of the app have left behind that did not end well. */
  static void sweep(ObjectStore store, AppName app, Clock clock) {
    try (Stream<ObjectStat> objects = store.list(BucketLayout.temporaryFolder(app))) {
      objects
          .filter(object -> object.lastModified().isBefore(clock.instant().minus(GRACE)))
          .forEach(object -> delete(store, object.key()));
    } catch (StoreException e) {
      // the push itself is done; the next one tries again
    }
  }

  private static void delete(ObjectStore store, ObjectKey key) {
    try {
      store.delete(key);
    } catch (StoreException e) {
      // it harms nobody: a later push tries again, and docs/stores.md has a lifecycle rule
    }
  }
}
