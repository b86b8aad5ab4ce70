package dev.s3dock.registry.gc;

import dev.s3dock.image.AppName;
import dev.s3dock.image.Digest;
import dev.s3dock.registry.BucketLayout;
import dev.s3dock.registry.ImageKey;
import dev.s3dock.registry.Images;
import dev.s3dock.registry.ManifestObject;
import dev.s3dock.registry.ParallelReads;
import dev.s3dock.registry.RegistryException;
import dev.s3dock.registry.gc.Removal.OfManifest;
import dev.s3dock.store.ObjectStat;
import dev.s3dock.store.ObjectStore;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What leads from digests of manifests to images that are not there, or have another manifest: left
 * by a push that was not completed, by one that replaced an image, or by a removal that ended
 * early.
 */
final class ListedManifests {
  /** A push writes the metadata right after this object; of one much younger it is not the one. */
  private static final Duration SOON = Duration.ofMinutes(1);

  private final ObjectStore store;
  private final Images images;
  private final ListedImages listed;
  private final int atOnce;
  private final Map<ImageKey, Claim> claims = new HashMap<>();
  private final Map<Claim, List<ImageKey>> doubtful = new LinkedHashMap<>();
  private final List<OfManifest> found = new ArrayList<>();

  /** What one object says of its images. */
  private record Claim(ObjectStat object, Digest digest, int images) {}

  /** What was read of one object; empty where it is gone or damaged. */
  private record Read(ObjectStat object, Optional<ManifestObject> content) {}

  ListedManifests(ObjectStore store, Images images, ListedImages listed, int atOnce) {
    this.store = store;
    this.images = images;
    this.listed = listed;
    this.atOnce = atOnce;
  }

  /**
   * Finds what may go. Each object is read; the metadata of an image only where there is doubt.
   *
   * @param before what is younger stays
   */
  List<OfManifest> find(AppName app, Instant before) {
    try (Stream<ObjectStat> objects = store.list(BucketLayout.manifestFolder(app))) {
      ParallelReads.inOrder(
          atOnce,
          objects
              .filter(object -> object.lastModified().isBefore(before))
              .filter(object -> BucketLayout.parseManifest(object.key()).isPresent())
              .iterator(),
          object -> read(app, object),
          read -> read.content().ifPresent(content -> judge(read.object(), content)));
    }
    doubtful.forEach((claim, keys) -> add(app, claim, keys.stream().filter(k -> !has(k, claim))));
    return found;
  }

  private Read read(AppName app, ObjectStat object) {
    Digest digest = BucketLayout.parseManifest(object.key()).orElseThrow();
    try {
      return new Read(
          object,
          store
              .get(object.key(), ManifestObject.MAX_BYTES)
              .filter(it -> it.etag().equals(object.etag()))
              .map(it -> ManifestObject.parse(app, digest, it)));
    } catch (RegistryException damaged) {
      return new Read(object, Optional.empty());
    }
  }

  private void judge(ObjectStat object, ManifestObject content) {
    List<ImageKey> keys = content.images();
    Claim claim = new Claim(object, content.digest(), keys.size());
    if (keys.isEmpty()) {
      found.add(new OfManifest(object, content.app(), content.digest(), keys, true));
      return;
    }
    for (ImageKey key : keys) {
      Optional<ObjectStat> metadata = listed.metadata(key);
      Optional<Claim> other = Optional.ofNullable(claims.putIfAbsent(key, claim));
      other.ifPresent(it -> doubt(it, key));
      if (other.isPresent() || metadata.filter(it -> !isLater(it, object)).isEmpty()) {
        doubt(claim, key);
      }
    }
  }

  private static boolean isLater(ObjectStat metadata, ObjectStat object) {
    return metadata.lastModified().isAfter(object.lastModified().plus(SOON));
  }

  private void doubt(Claim claim, ImageKey image) {
    List<ImageKey> keys = doubtful.computeIfAbsent(claim, none -> new ArrayList<>());
    if (!keys.contains(image)) {
      keys.add(image);
    }
  }

  /** True also for one that a cleanup has marked, which may be taken back. */
  private boolean has(ImageKey image, Claim claim) {
    return listed.metadata(image).isPresent() && images.mayHave(image, claim.digest());
  }

  private void add(AppName app, Claim claim, Stream<ImageKey> keys) {
    List<ImageKey> gone = keys.toList();
    if (!gone.isEmpty()) {
      found.add(
          new OfManifest(claim.object(), app, claim.digest(), gone, gone.size() == claim.images()));
    }
  }
}
