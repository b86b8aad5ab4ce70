package dev.s3dock.agent;

import dev.s3dock.deploy.service.Service;
import dev.s3dock.image.Version;
import dev.s3dock.registry.BucketLayout;
import dev.s3dock.registry.Destination;
import dev.s3dock.registry.Pointer;
import dev.s3dock.registry.RegistryException;
import dev.s3dock.rollout.RolloutState;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.ObjectStore;
import dev.s3dock.store.Reread;
import dev.s3dock.store.StoreException;
import dev.s3dock.store.StoredObject;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Looks at the pointer of one environment again and again. A look is one conditional read, and one
 * more of the version where the pointer leads to one.
 */
final class EnvironmentWatch {
  private final ObjectStore store;
  private final Service service;
  private Map<ObjectKey, Seen> known = new HashMap<>();

  /** What an object says; empty if that is no pointer. */
  private record Seen(StoredObject object, Optional<Pointer> pointer) {
    static Seen of(StoredObject object) {
      return new Seen(object, Pointer.parse(object));
    }
  }

  EnvironmentWatch(ObjectStore store, Service service) {
    this.store = store;
    this.service = service;
  }

  Wish look() {
    Map<ObjectKey, Seen> seen = new HashMap<>();
    try {
      Optional<Pointer> pointer =
          read(BucketLayout.pointer(service.app(), service.environment()), seen);
      Wish wish =
          pointer
              .map(it -> wish(it, Destination.of(it, key -> read(key, seen)), seen))
              .orElseGet(Wish.Nothing::new);
      known = seen;
      return wish;
    } catch (StoreException | RegistryException e) {
      return new Wish.Unreadable(String.valueOf(e.getMessage()));
    }
  }

  private static Wish wish(Pointer pointer, Destination destination, Map<ObjectKey, Seen> seen) {
    return switch (destination) {
      case Destination.Image image -> {
        Optional<RolloutState> rollout =
            RolloutState.of(
                pointer,
                Optional.ofNullable(seen.get(pointer.target().key())).flatMap(Seen::pointer));
        yield new Wish.Wanted(
            rollout.map(it -> "rollout " + it.target()).orElseGet(() -> state(pointer, seen)),
            image.target().image().reference(),
            rollout);
      }
      case Destination.NoVersion none ->
          new Wish.Unreadable(
              "%s leads to %s, which is gone".formatted(pointer.key(), none.version()));
      case Destination.Chain(ObjectKey from, Version to) ->
          new Wish.Unreadable("%s leads to another version, %s".formatted(from, to));
    };
  }

  private static String state(Pointer pointer, Map<ObjectKey, Seen> seen) {
    Seen version = seen.get(pointer.target().key());
    return version == null
        ? pointer.etag().value()
        : pointer.etag() + "+" + version.object().etag();
  }

  private Optional<Pointer> read(ObjectKey key, Map<ObjectKey, Seen> seen) {
    Seen before = known.get(key);
    Optional<Seen> now =
        before == null
            ? store.get(key, Pointer.MAX_BYTES).map(Seen::of)
            : switch (store.reread(key, Pointer.MAX_BYTES, before.object().etag())) {
              case Reread.Same _ -> Optional.of(before);
              case Reread.Other other -> Optional.of(Seen.of(other.object()));
              case Reread.Gone _ -> Optional.empty();
            };
    now.ifPresent(it -> seen.put(key, it));
    return now.flatMap(Seen::pointer);
  }
}
