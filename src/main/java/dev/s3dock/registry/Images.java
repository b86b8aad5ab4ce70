package dev.s3dock.registry;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.s3dock.image.AppName;
import dev.s3dock.image.Digest;
import dev.s3dock.image.ImageReference;
import dev.s3dock.store.ObjectStore;
import dev.s3dock.store.StoredObject;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The published images: an archive is published when the metadata beside it exists and is no
 * tombstone.
 */
public final class Images {
  private final ObjectStore store;
  private final ImageListing listing;
  private final Manifests manifests;
  private final Clock clock;

  /** Times in metadata and events come from the clock, in its zone. */
  public Images(ObjectStore store, Clock clock) {
    this.store = store;
    this.listing = new ImageListing(store);
    this.manifests = new Manifests(store, clock);
    this.clock = clock;
  }

  /** What changes them. */
  public ImageWrites writes() {
    return new ImageWrites(this, store, manifests, clock);
  }

  /** The image whose archive is at this key; empty if it is not published. */
  public Optional<Published> at(ImageKey key) {
    return store
        .get(key.metadata(), ImageMetadata.MAX_BYTES)
        .flatMap(
            object -> {
              ObjectNode document = Documents.parse(object.key(), object.content());
              if (ImageMetadata.isTombstone(document)) {
                return Optional.empty();
              }
              ImageMetadata metadata = ImageMetadata.parse(object.key(), document);
              return Optional.of(new Published(key, metadata, object.etag()));
            });
  }

  /**
   * Finds the image of a commit under whatever month it is filed: the commit's own first, then
   * those that the original may have chosen, the month of the push.
   *
   * @return the image of the first platform that was published; see {@link #platforms}
   */
  public Optional<Published> find(ImageReference reference) {
    Optional<Published> usual = at(BucketLayout.image(reference));
    return usual.isPresent() ? usual : findElsewhere(reference);
  }

  /**
   * Finds an image by the digest of the manifest that it is served by. Of several with the same
   * content, one of them. Costs a read of what leads from the digest, and one of the metadata.
   *
   * @return empty if no published image is known to have it: an image that was pushed before s3dock
   *     recorded manifests has none
   * @throws RegistryException {@link RegistryException.Kind#CORRUPT} if what leads from the digest
   *     is damaged
   */
  public Optional<Published> find(AppName app, Digest manifest) {
    return manifests.find(app, manifest).stream()
        .flatMap(object -> object.images().stream())
        .flatMap(key -> at(key).stream())
        .filter(image -> hasManifest(image, manifest))
        .findFirst();
  }

  /** True if its metadata says that it is served by this manifest. */
  private static boolean hasManifest(Published image, Digest manifest) {
    return image.metadata().manifest().filter(it -> it.digest().equals(manifest)).isPresent();
  }

  /** True unless its metadata says otherwise, or is not there; a tombstone may be taken away. */
  public boolean mayHave(ImageKey key, Digest manifest) {
    Optional<StoredObject> found = store.get(key.metadata(), ImageMetadata.MAX_BYTES);
    if (found.isEmpty()) {
      return false;
    }
    ObjectNode document;
    try {
      document = Documents.parse(key.metadata(), found.get().content());
    } catch (RegistryException damaged) {
      return true;
    }
    return Tombstone.of(document).filter(Tombstone::isDeleting).isPresent()
        || ImageMetadata.manifest(document).filter(it -> it.digest().equals(manifest)).isPresent();
  }

  /** True if what leads from the digest of its manifest leads to this image. */
  public boolean isFindable(Published image) {
    return image
        .metadata()
        .manifest()
        .filter(manifest -> manifests.leads(manifest.digest(), image.key()))
        .isPresent();
  }

  /**
   * As {@link #find}.
   *
   * @throws RegistryException {@link RegistryException.Kind#NOT_FOUND} if it is not published
   */
  public Published require(ImageReference reference) {
    return find(reference)
        .orElseThrow(
            () ->
                RegistryException.notFound(
                    "image %s is not published in %s; push it first"
                        .formatted(reference, store.describe()),
                    reference.tag(),
                    existingTags(reference.app())));
  }

  /**
   * As {@link #at}.
   *
   * @throws RegistryException {@link RegistryException.Kind#NOT_FOUND} if it is not published
   */
  public Published require(ImageKey key) {
    return at(key)
        .orElseThrow(
            () ->
                RegistryException.notFound(
                    key.stem() + " is not published any more",
                    key.reference().tag(),
                    existingTags(key.reference().app())));
  }

  /** Every published platform of a commit, the first one first. */
  public List<Published> platforms(Published first) {
    List<Published> variants = new ArrayList<>();
    variants.add(first);
    ImageReference reference = first.key().reference();
    try (Stream<ImageKey> images = listing.published(reference, first.key().month())) {
      images
          .filter(
              key ->
                  key.reference().equals(reference)
                      && !key.metadata().equals(first.key().metadata()))
          .flatMap(key -> at(key).stream())
          .forEach(variants::add);
    }
    return variants;
  }

  /**
   * Finds the image of a commit that is filed under another month than the commit's own: the second
   * half of {@link #find(ImageReference)}, for who has looked {@linkplain #at there} already.
   */
  public Optional<Published> findElsewhere(ImageReference reference) {
    String usual = reference.stamp().yearMonth();
    try (Stream<String> months = listing.months(reference.app())) {
      return months
          .filter(month -> !month.equals(usual))
          .flatMap(month -> at(BucketLayout.image(reference, month)).stream())
          .findFirst();
    }
  }

  private List<String> existingTags(AppName app) {
    try (Stream<ImageKey> images = listing.published(app)) {
      return images.map(key -> key.reference().tag()).distinct().limit(1_000).toList();
    }
  }
}
