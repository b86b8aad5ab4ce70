package dev.s3dock.distribution;

import dev.s3dock.image.AppName;
import dev.s3dock.image.Digest;
import dev.s3dock.registry.ImageKey;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The images that were asked for last, and by which digests they have been handed out. What is
 * forgotten is read again. For several threads.
 */
final class ImageCache {
  private static final int MOST_BYTES = 32 << 20;
  private static final int MOST_DIGESTS = 20_000;

  private final Map<ImageKey, RepositoryImage> images = new LinkedHashMap<>(16, 0.75f, true);
  private final Map<Name, ImageKey> digests = new LinkedHashMap<>(16, 0.75f, true);
  private long bytes;

  private record Name(AppName app, Digest digest) {}

  /** The image at this key as it was read last. */
  synchronized Optional<RepositoryImage> at(ImageKey key) {
    return Optional.ofNullable(images.get(key));
  }

  synchronized void put(RepositoryImage image) {
    remove(image.key());
    images.put(image.key(), image);
    bytes += image.weight();
    image.manifests().forEach(manifest -> handedOut(manifest.digest(), image.key()));
    image.blobs().forEach(digest -> handedOut(digest, image.key()));
    while (bytes > MOST_BYTES && images.size() > 1) {
      remove(images.keySet().iterator().next());
    }
  }

  /** Remembers which image a digest belongs to; of an index, that of its first platform. */
  synchronized void handedOut(Digest digest, ImageKey key) {
    digests.put(new Name(key.reference().app(), digest), key);
    if (digests.size() > MOST_DIGESTS) {
      digests.remove(digests.keySet().iterator().next());
    }
  }

  /** The image that has such a manifest or blob, as far as is remembered. */
  synchronized Optional<ImageKey> imageOf(AppName app, Digest digest) {
    return Optional.ofNullable(digests.get(new Name(app, digest)));
  }

  synchronized void remove(ImageKey key) {
    RepositoryImage removed = images.remove(key);
    if (removed != null) {
      bytes -= removed.weight();
    }
  }
}
