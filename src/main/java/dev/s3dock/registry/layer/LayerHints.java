package dev.s3dock.registry.layer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.s3dock.concurrent.ParallelReads;
import dev.s3dock.image.Digest;
import dev.s3dock.image.InvalidNameException;
import dev.s3dock.registry.BucketLayout;
import dev.s3dock.registry.DocumentWrites;
import dev.s3dock.registry.Documents;
import dev.s3dock.registry.RegistryException;
import dev.s3dock.store.ETag;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.ObjectStat;
import dev.s3dock.store.ObjectStore;
import dev.s3dock.store.Precondition;
import dev.s3dock.store.StoreException;
import dev.s3dock.store.StoredObject;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Reads and writes the hints of a bucket. None is ever needed, and each may be wrong: whoever takes
 * bytes by one proves them. So nothing here fails a command: what a store refuses is passed over,
 * as where credentials do not reach that folder.
 */
public final class LayerHints {
  /** Layers of fewer bytes, uncompressed, have no hint: to send them takes no longer. */
  public static final long LEAST_BYTES = 1 << 20;

  /** Largest hint that is read, in bytes: a few hundred are usual. */
  private static final int MAX_BYTES = 64 << 10;

  private final ObjectStore store;
  private final DocumentWrites writes;
  private final int atOnce;

  /** Hints of this bucket. */
  public LayerHints(ObjectStore store) {
    this(store, ParallelReads.AT_ONCE);
  }

  /**
   * As above.
   *
   * @param atOnce how many requests are made at the same time
   */
  public LayerHints(ObjectStore store, int atOnce) {
    this.store = store;
    this.writes = new DocumentWrites(store);
    this.atOnce = atOnce;
  }

  /** What is said of these layers; costs a read of each. */
  public List<LayerHint> find(Collection<Digest> diffIds) {
    List<LayerHint> hints = new ArrayList<>();
    ParallelReads.inOrder(
        atOnce, diffIds.iterator(), this::find, found -> found.ifPresent(hints::add));
    return hints;
  }

  private Optional<LayerHint> find(Digest diffId) {
    try {
      return read(diffId).flatMap(object -> hint(diffId, object));
    } catch (StoreException e) {
      return Optional.empty();
    }
  }

  private Optional<StoredObject> read(Digest diffId) {
    return store.get(BucketLayout.layer(diffId), MAX_BYTES);
  }

  private static Optional<LayerHint> hint(Digest diffId, StoredObject object) {
    return document(object).flatMap(document -> LayerHint.of(diffId, document));
  }

  private static Optional<ObjectNode> document(StoredObject object) {
    try {
      return Optional.of(Documents.parse(object.key(), object.content()));
    } catch (RegistryException damaged) {
      return Optional.empty();
    }
  }

  /**
   * Writes those that are missing, lead to an archive that is not as it was, or to what another
   * compressor made. Costs a read of each, and a look at each other archive that they name.
   *
   * @param proved layers that were found where hints, or other ways, led to; what is said of any
   *     other one is replaced
   */
  public void record(List<LayerHint> hints, Set<Digest> proved) {
    Map<ObjectKey, Optional<ETag>> states = new ConcurrentHashMap<>();
    ParallelReads.inOrder(
        atOnce,
        hints.iterator(),
        hint -> {
          record(hint, proved.contains(hint.diffId()), states);
          return hint;
        },
        written -> {});
  }

  private void record(LayerHint hint, boolean proved, Map<ObjectKey, Optional<ETag>> states) {
    try {
      Optional<StoredObject> found = read(hint.diffId());
      Optional<LayerHint> known = found.flatMap(object -> hint(hint.diffId(), object));
      if (known.equals(Optional.of(hint))
          || (proved && known.filter(it -> isAsGood(it, hint, states)).isPresent())) {
        return;
      }
      writes.put(
          BucketLayout.layer(hint.diffId()),
          hint.over(found.flatMap(LayerHints::document).orElseGet(Documents::create)),
          found
              .map(StoredObject::etag)
              .<Precondition>map(Precondition::ifMatch)
              .orElseGet(Precondition::ifAbsent));
    } catch (StoreException e) {
      // denied, or another push was faster: the next one looks again
    }
  }

  private boolean isAsGood(LayerHint known, LayerHint hint, Map<ObjectKey, Optional<ETag>> states) {
    return known.compressor().equals(hint.compressor())
        && states
            .computeIfAbsent(known.archive(), key -> store.head(key).map(ObjectStat::etag))
            .equals(Optional.of(known.state()));
  }

  /**
   * The layers of an image that may have a hint.
   *
   * @param metadata of the image
   */
  public static List<Digest> hinted(ObjectNode metadata) {
    List<Digest> diffIds = new ArrayList<>();
    for (JsonNode layer : metadata.path("archive").path("layers")) {
      if (layer.path("size").asLong() >= LEAST_BYTES) {
        digest(layer.path("diff_id").asText()).ifPresent(diffIds::add);
      }
    }
    return diffIds;
  }

  private static Optional<Digest> digest(String text) {
    try {
      return Optional.of(Digest.parse(text));
    } catch (InvalidNameException damaged) {
      return Optional.empty();
    }
  }

  /**
   * Removes what leads to archives that are gone. A hint that a push writes at the same time may go
   * with it; the next push of that layer writes it again.
   *
   * @param diffIds of the layers that these archives had
   */
  public void forget(Set<ObjectKey> archives, Collection<Digest> diffIds) {
    ParallelReads.inOrder(
        atOnce,
        diffIds.iterator(),
        diffId -> {
          forget(archives, diffId);
          return diffId;
        },
        gone -> {});
  }

  private void forget(Set<ObjectKey> archives, Digest diffId) {
    try {
      if (find(diffId).filter(hint -> archives.contains(hint.archive())).isPresent()) {
        store.delete(BucketLayout.layer(diffId));
      }
    } catch (StoreException e) {
      // it leads nowhere from now on, which whoever follows it finds out
    }
  }
}
