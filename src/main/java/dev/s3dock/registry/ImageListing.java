package dev.s3dock.registry;

import dev.s3dock.image.AppName;
import dev.s3dock.image.ImageReference;
import dev.s3dock.store.ObjectStat;
import dev.s3dock.store.ObjectStore;
import java.util.Optional;
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
