package dev.s3dock.distribution;

import dev.s3dock.concurrent.ParallelReads;
import dev.s3dock.image.AppName;
import dev.s3dock.registry.BucketLayout;
import dev.s3dock.registry.ImageListing;
import dev.s3dock.registry.ImageListing.Listed;
import dev.s3dock.registry.Pointers;
import dev.s3dock.store.ETag;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.ObjectStat;
import dev.s3dock.store.ObjectStore;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * The names that lead to images of an app. A pointer that was removed leaves its object, so each is
 * read once in each of its states.
 */
final class TagNames {
  private static final int MOST_REMEMBERED = 20_000;

  private final ObjectStore store;
  private final Pointers pointers;
  private final ImageListing listing;

  /** Whether the pointer at a key, in that state, is there or was removed. */
  private final Map<ObjectKey, Seen> seen = new LinkedHashMap<>(16, 0.75f, true);

  private record Seen(ETag state, boolean there) {}

  TagNames(ObjectStore store, Pointers pointers) {
    this.store = store;
    this.pointers = pointers;
    this.listing = new ImageListing(store);
  }

  /** Those that a client can ask for: a version with a + is none. */
  List<String> of(AppName app) {
    TreeSet<String> names = new TreeSet<>();
    try (Stream<Listed> objects = listing.objects(app)) {
      objects
          .filter(Listed::isMetadata)
          .flatMap(object -> object.image().stream())
          .filter(image -> image.platform().isEmpty())
          .forEach(image -> names.add(image.reference().tag()));
    }
    names.addAll(
        pointers(
            BucketLayout.tagFolder(app), key -> BucketLayout.parseTag(key).map(Object::toString)));
    names.addAll(
        pointers(
            BucketLayout.pointerFolder(app),
            key -> BucketLayout.parsePointer(key).map(Object::toString)));
    return List.copyOf(names);
  }

  private List<String> pointers(String folder, Function<ObjectKey, Optional<String>> name) {
    List<String> names = new ArrayList<>();
    try (Stream<ObjectStat> objects = store.list(folder)) {
      List<ObjectStat> named =
          objects
              .filter(
                  it ->
                      name.apply(it.key())
                          .filter(n -> Repository.TAG.matcher(n).matches())
                          .isPresent())
              .toList();
      ParallelReads.inOrder(
          named.iterator(),
          it -> isThere(it) ? name.apply(it.key()) : Optional.<String>empty(),
          found -> found.ifPresent(names::add));
    }
    return names;
  }

  private boolean isThere(ObjectStat object) {
    synchronized (seen) {
      Seen known = seen.get(object.key());
      if (known != null && known.state().equals(object.etag())) {
        return known.there();
      }
    }
    boolean there = isPointer(object.key());
    synchronized (seen) {
      seen.put(object.key(), new Seen(object.etag(), there));
      if (seen.size() > MOST_REMEMBERED) {
        seen.remove(seen.keySet().iterator().next());
      }
    }
    return there;
  }

  /** One that is damaged is there. */
  private boolean isPointer(ObjectKey key) {
    try {
      return pointers.read(key).isPresent();
    } catch (dev.s3dock.registry.RegistryException e) {
      return true;
    }
  }

  /**
   * Makes sure that something of the app exists.
   *
   * @throws RefusedException {@link ErrorCode#NAME_UNKNOWN} if nothing does
   */
  void requireRepository(AppName app) {
    for (String folder :
        List.of(
            BucketLayout.imageFolder(app),
            BucketLayout.tagFolder(app),
            BucketLayout.pointerFolder(app))) {
      try (Stream<ObjectStat> objects = store.list(folder)) {
        if (objects.findFirst().isPresent()) {
          return;
        }
      }
    }
    throw Repositories.unknown(app.value());
  }
}
