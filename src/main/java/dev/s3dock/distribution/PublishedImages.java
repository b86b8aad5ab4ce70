package dev.s3dock.distribution;

import dev.s3dock.archive.ArchiveIndex;
import dev.s3dock.archive.oci.ImageConfig;
import dev.s3dock.archive.read.ArchiveReader;
import dev.s3dock.image.AppName;
import dev.s3dock.image.Digest;
import dev.s3dock.image.ImageReference;
import dev.s3dock.registry.BucketLayout;
import dev.s3dock.registry.ImageKey;
import dev.s3dock.registry.ImageListing;
import dev.s3dock.registry.ImageListing.Listed;
import dev.s3dock.registry.Images;
import dev.s3dock.registry.Manifests;
import dev.s3dock.registry.Published;
import dev.s3dock.registry.RegistryException;
import dev.s3dock.store.ETag;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.ObjectStat;
import dev.s3dock.store.ObjectStore;
import dev.s3dock.store.StoreException;
import dev.s3dock.transfer.ArchiveDownload;
import dev.s3dock.transfer.PublishedIndex;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Reads images for {@link Repository}. A listing tells in which state metadata and archive are, so
 * that an image which has not changed is read once.
 */
final class PublishedImages {
  private final ObjectStore store;
  private final Images images;
  private final ImageListing listing;
  private final Manifests manifests;
  private final ImageCache cache;
  private final int retries;

  /**
   * Reads images of this bucket.
   *
   * @param retries how often a range that failed is read again
   */
  PublishedImages(
      ObjectStore store, Images images, Manifests manifests, ImageCache cache, int retries) {
    this.store = store;
    this.manifests = manifests;
    this.images = images;
    this.listing = new ImageListing(store);
    this.cache = cache;
    this.retries = retries;
  }

  /**
   * An image as a listing shows it.
   *
   * @param metadata its state
   * @param objects what lies beside it: an archive, of whatever form
   */
  record Entry(ImageKey key, ETag metadata, List<ObjectStat> objects) {}

  /** The published platforms of a commit, the first one first; empty if there is none. */
  List<Entry> platforms(ImageKey key) {
    try (Stream<Listed> objects = listing.objects(key.reference(), key.month())) {
      return entries(
          objects.filter(
              it ->
                  it.image()
                      .filter(image -> image.reference().equals(key.reference()))
                      .isPresent()));
    }
  }

  /** The published images of an app, newest first. */
  List<Entry> all(AppName app) {
    try (Stream<Listed> objects = listing.objects(app)) {
      return entries(objects);
    }
  }

  private static List<Entry> entries(Stream<Listed> objects) {
    Map<ImageKey, ETag> metadata = new HashMap<>();
    Map<ImageKey, List<ObjectStat>> archives = new HashMap<>();
    objects.forEach(
        it ->
            it.image()
                .ifPresent(
                    key -> {
                      if (it.isMetadata()) {
                        metadata.put(key, it.object().etag());
                      } else {
                        archives.computeIfAbsent(key, k -> new ArrayList<>()).add(it.object());
                      }
                    }));
    return metadata.entrySet().stream()
        .map(
            it ->
                new Entry(
                    it.getKey(), it.getValue(), archives.getOrDefault(it.getKey(), List.of())))
        .sorted(
            Comparator.comparing((Entry it) -> it.key().reference())
                .reversed()
                .thenComparing(it -> it.key().platform().orElse("")))
        .toList();
  }

  /** The image, read again if it has changed; empty if it is not published, or has no index. */
  Optional<RepositoryImage> read(Entry entry) throws IOException {
    Optional<RepositoryImage> known =
        cache
            .at(entry.key())
            .filter(image -> image.state().metadata().equals(entry.metadata()))
            .filter(image -> entry.objects().contains(image.state().archive()));
    return known.isPresent() ? known : readAnew(entry.key(), entry.objects());
  }

  private Optional<RepositoryImage> readAnew(ImageKey key, List<ObjectStat> objects)
      throws IOException {
    Optional<Published> published = images.at(key);
    Optional<ArchiveIndex> index = published.flatMap(PublishedIndex::of);
    if (index.isEmpty()) {
      return Optional.empty();
    }
    ObjectKey where = published.get().archive();
    Optional<ObjectStat> archive =
        objects.stream().filter(it -> it.key().equals(where)).findFirst();
    if (archive.filter(it -> it.size() == index.get().size()).isEmpty()) {
      return Optional.empty(); // damaged, or about to be replaced
    }
    RepositoryImage image =
        RepositoryImage.of(
            key,
            new RepositoryImage.State(published.get().state(), archive.get()),
            index.get(),
            config(key, index.get(), archive.get()));
    cache.put(image);
    return Optional.of(image);
  }

  private ImageConfig config(ImageKey key, ArchiveIndex index, ObjectStat archive)
      throws IOException {
    ArchiveDownload download = new ArchiveDownload(store, archive, retries, bytes -> {});
    return ImageConfig.parse(
        new ArchiveReader(index, key.reference(), download, 1).indexedConfig());
  }

  /** The index of an image; empty if it is not published. */
  Optional<ArchiveIndex> index(ImageKey key) {
    return images.at(key).flatMap(PublishedIndex::of);
  }

  /**
   * The image that the object of a digest leads to; empty where there is none, since pushes of
   * before wrote none, or may not be read, as by policies of before.
   */
  Optional<ImageKey> ofManifest(AppName app, Digest digest) {
    try {
      return manifests.find(app, digest).flatMap(found -> found.images().stream().findFirst());
    } catch (RegistryException damaged) {
      return Optional.empty();
    } catch (StoreException e) {
      if (e.kind() == StoreException.Kind.ACCESS_DENIED) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** Where the image of a commit is filed; empty if it is not published. */
  Optional<ImageKey> find(ImageReference reference) {
    return images.find(reference).map(Published::key);
  }

  /** Where the image of a commit is filed by s3dock. */
  static ImageKey usual(ImageReference reference) {
    return BucketLayout.image(reference);
  }
}
