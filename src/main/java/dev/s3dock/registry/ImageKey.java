package dev.s3dock.registry;

import dev.s3dock.image.ImageReference;
import dev.s3dock.store.ObjectKey;
import java.time.Instant;
import java.util.Optional;

/**
 * What an image's key says. {@link BucketLayout} makes and parses it.
 *
 * @param month the folder it is filed under, {@code YYYYMM}
 * @param platform set where the name tells a further platform of the commit
 * @param form of the archive. The key of a metadata does not tell it, the metadata does; until it
 *     is read, it is taken for gzip
 */
public record ImageKey(
    ImageReference reference, String month, Optional<String> platform, ArchiveForm form) {
  /** The same image, whose archive has this form. */
  public ImageKey in(ArchiveForm other) {
    return new ImageKey(reference, month, platform, other);
  }

  /** That of the platform which was published first, and by which the others are found. */
  public ImageKey ofFirstPlatform() {
    return new ImageKey(reference, month, Optional.empty(), form);
  }

  /** The key of the archive. */
  public ObjectKey archive() {
    return new ObjectKey(stem() + form.suffix());
  }

  /** The metadata beside it. */
  public ObjectKey metadata() {
    return new ObjectKey(stem() + BucketLayout.JSON_SUFFIX);
  }

  /** What the keys of archive and metadata start with. */
  public String stem() {
    return BucketLayout.imageFolder(reference.app(), month)
        + BucketLayout.fileStem(reference)
        + platform.map(p -> "." + p).orElse("");
  }

  /** Where a replaced archive goes; {@code attempt} counts from 1 on a clash of names. */
  ObjectKey archivedArchive(Instant at, int attempt) {
    return archived(at, attempt, form.suffix());
  }

  /** Where a replaced metadata goes. */
  ObjectKey archivedMetadata(Instant at, int attempt) {
    return archived(at, attempt, BucketLayout.JSON_SUFFIX);
  }

  private ObjectKey archived(Instant at, int attempt, String suffix) {
    String stem = stem().substring(BucketLayout.IMAGES.length());
    return new ObjectKey(
        BucketLayout.SET_ASIDE
            + stem
            + "-archived-on-"
            + BucketLayout.MINUTE.format(at)
            + BucketLayout.ordinal(attempt)
            + suffix);
  }
}
