package dev.s3dock.transfer.push;

import dev.s3dock.archive.ArchiveIndex;
import dev.s3dock.archive.Compression.Algorithm;
import dev.s3dock.image.ImageReference;
import dev.s3dock.image.Platform;
import dev.s3dock.registry.ArchiveForm;
import dev.s3dock.registry.BucketLayout;
import dev.s3dock.registry.ImageKey;
import dev.s3dock.registry.Published;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.transfer.PublishedIndex;
import dev.s3dock.transfer.TransferException;
import java.util.List;
import java.util.Optional;

/**
 * Where the archive of an image goes.
 *
 * @param before what is published there, and is set aside
 */
record UploadTarget(ImageKey key, ArchiveForm form, Optional<Published> before) {
  /**
   * Finds the place.
   *
   * @param platforms what is published of the commit
   */
  static UploadTarget of(
      ImageReference reference, List<Published> platforms, Platform platform, Algorithm algorithm) {
    Optional<Published> before = platforms.stream().filter(v -> isFor(v, platform)).findFirst();
    ImageKey key =
        before.map(Published::key).orElseGet(() -> newKey(reference, platforms, platform));
    return new UploadTarget(key, form(algorithm), before);
  }

  /** The key of the archive. */
  ObjectKey archive() {
    return key.archive(form);
  }

  /**
   * A commit keeps the form of archive that it was first published in: so what is replaced is
   * replaced under its own key, and no archive is left behind that no metadata describes.
   */
  static Packing packing(Packing configured, List<Published> platforms) {
    return platforms.stream()
        .findFirst()
        .map(first -> first.metadata().form())
        .filter(form -> form != form(configured.choice().algorithm()))
        .map(
            form ->
                configured.with(
                    switch (form) {
                      case GZIP -> Algorithm.GZIP;
                      case ZSTD -> Algorithm.ZSTD;
                    }))
        .orElse(configured);
  }

  private static ArchiveForm form(Algorithm algorithm) {
    return switch (algorithm) {
      case GZIP -> ArchiveForm.GZIP;
      case ZSTD -> ArchiveForm.ZSTD;
    };
  }

  private static boolean isFor(Published variant, Platform platform) {
    Optional<ArchiveIndex> index;
    try {
      index = PublishedIndex.of(variant);
    } catch (TransferException damaged) {
      index = Optional.empty();
    }
    return index
        .map(known -> known.platform().equals(platform))
        .orElseGet(() -> variant.key().platform().map(platform.suffix()::equals).orElse(true));
  }

  private static ImageKey newKey(
      ImageReference reference, List<Published> platforms, Platform platform) {
    if (platforms.isEmpty()) {
      return BucketLayout.image(reference);
    }
    return BucketLayout.furtherPlatform(platforms.getFirst().key(), platform);
  }
}
