package dev.s3dock.registry;

import dev.s3dock.image.AppName;
import dev.s3dock.image.CommitStamp;
import dev.s3dock.image.ImageReference;
import dev.s3dock.registry.Catalog.ImageEntry;
import dev.s3dock.store.ObjectStat;
import dev.s3dock.store.ObjectStore;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Lists the objects below {@code images/}, in the order of their keys. Its streams are to be
 * closed.
 */
public final class ImageListing {
  private final ObjectStore store;

  /** Creates a view of this store. */
  public ImageListing(ObjectStore store) {
    this.store = store;
  }

  /**
   * An object of an app's images.
   *
   * @param image whose archive or metadata it is; empty if it is neither
   */
  public record Listed(ObjectStat object, Optional<ImageKey> image) {
    private static Listed of(ObjectStat object) {
      return new Listed(object, BucketLayout.parseImage(object.key()));
    }

    /** True if this is a metadata, and not an archive. */
    public boolean isMetadata() {
      return BucketLayout.isMetadata(object.key());
    }

    private Stream<ImageKey> published() {
      return BucketLayout.parseMetadata(object.key()).stream();
    }
  }

  /**
   * Published images, the newest commit first. The stamp of a commit is a minute: of those that
   * share it, the one that was published last comes first.
   */
  static final class Newest {
    private static final Comparator<ImageKey> NEWEST_FIRST =
        Comparator.comparing(ImageKey::reference)
            .reversed()
            .thenComparing(key -> key.platform().orElse(""))
            .thenComparing(ImageKey::month);

    private final TreeMap<ImageKey, Optional<ObjectStat>> pending = new TreeMap<>(NEWEST_FIRST);

    /** An image by its metadata; the archive, which a listing names after that, tells its form. */
    void add(Listed object) {
      object
          .image()
          .ifPresent(
              key -> {
                if (object.isMetadata()) {
                  pending.put(key, Optional.empty());
                } else {
                  pending.computeIfPresent(key, (k, before) -> Optional.of(object.object()));
                }
              });
    }

    int size() {
      return pending.size();
    }

    /**
     * Hands on those of a month's commits and of later ones.
     *
     * @param month {@code YYYYMM}; empty for all
     * @param most how many at most; once there are so many, the rest is not asked for
     * @return how many there were
     */
    long takeFrom(String month, long most, Consumer<ImageEntry> consumer) {
      long taken = 0;
      while (taken < most
          && !pending.isEmpty()
          && pending.firstKey().reference().stamp().yearMonth().compareTo(month) >= 0) {
        for (ImageEntry image : pollMinute()) {
          if (taken < most) {
            consumer.accept(image);
            taken++;
          }
        }
      }
      return taken;
    }

    private List<ImageEntry> pollMinute() {
      CommitStamp minute = pending.firstKey().reference().stamp();
      List<ImageEntry> images = new ArrayList<>();
      Map<ImageReference, Instant> published = new HashMap<>();
      while (!pending.isEmpty() && pending.firstKey().reference().stamp().equals(minute)) {
        var first = pending.pollFirstEntry();
        ImageEntry image = ImageEntry.of(first.getKey(), first.getValue());
        images.add(image);
        published.merge(image.key().reference(), image.stored(), (a, b) -> a.isAfter(b) ? a : b);
      }
      images.sort(
          Comparator.<ImageEntry, Instant>comparing(
                  image -> published.getOrDefault(image.key().reference(), Instant.EPOCH))
              .reversed());
      return images;
    }
  }

  /** The months under which images of an app are filed. */
  public Stream<String> months(AppName app) {
    return store.listFolders(BucketLayout.imageFolder(app)).filter(BucketLayout::isMonth);
  }

  /** All that lies there of an app. */
  public Stream<Listed> objects(AppName app) {
    return store.list(BucketLayout.imageFolder(app)).map(Listed::of);
  }

  /** What is filed under one month. */
  public Stream<Listed> objects(AppName app, String month) {
    return store.list(BucketLayout.imageFolder(app, month)).map(Listed::of);
  }

  /** What is filed under one month, of all platforms of a commit. */
  public Stream<Listed> objects(ImageReference reference, String month) {
    return store.list(BucketLayout.variantPrefix(reference, month)).map(Listed::of);
  }

  /** The images of an app that have a metadata, which does not tell the form of the archive. */
  Stream<ImageKey> published(AppName app) {
    return objects(app).flatMap(Listed::published);
  }

  /** The same, of one commit that is filed under one month. */
  public Stream<ImageKey> published(ImageReference reference, String month) {
    return objects(reference, month).flatMap(Listed::published);
  }
}
