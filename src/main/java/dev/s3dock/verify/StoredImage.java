package dev.s3dock.verify;

import dev.s3dock.registry.BucketLayout;
import dev.s3dock.registry.ImageKey;
import dev.s3dock.store.ETag;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.ObjectStat;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The objects that a bucket has of one platform of an image, whether they fit together or not.
 *
 * @param metadata empty if there is none
 * @param archives none, one, or one of each form
 */
record StoredImage(ImageKey key, Optional<ObjectStat> metadata, List<ObjectStat> archives) {
  public StoredImage {
    archives = List.copyOf(archives);
  }

  static StoredImage none(ImageKey key) {
    return new StoredImage(key, Optional.empty(), List.of());
  }

  StoredImage with(ObjectStat object) {
    if (BucketLayout.isMetadata(object.key())) {
      return new StoredImage(key, Optional.of(object), archives);
    }
    List<ObjectStat> more = new ArrayList<>(archives);
    more.add(object);
    return new StoredImage(key, metadata, more);
  }

  /** The archive of this key, if it is there. */
  public Optional<ObjectStat> archive(ObjectKey archive) {
    return archives.stream().filter(stat -> stat.key().equals(archive)).findFirst();
  }

  /** The states of its objects, also of those that are not there. */
  public Map<ObjectKey, Optional<ETag>> states() {
    Map<ObjectKey, Optional<ETag>> states = new LinkedHashMap<>();
    states.put(key.metadata(), metadata.map(ObjectStat::etag));
    for (ObjectKey archive : key.archives()) {
      states.put(archive, archive(archive).map(ObjectStat::etag));
    }
    return states;
  }
}
