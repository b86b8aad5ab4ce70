package dev.s3dock.registry;

import dev.s3dock.image.ImageReference;
import dev.s3dock.store.ObjectKey;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Names the objects of one platform of an image: its metadata, and its archive, whose form the
 * metadata tells. {@link BucketLayout} makes and parses it.
 *
 * @param month the folder it is filed under, {@code YYYYMM}
 * @param platform set where the name tells a further platform of the commit
 */
public record ImageKey(ImageReference reference, String month, Optional<String> platform) {
  /** That of the platform which was published first, and by which the others are found. */
  public ImageKey ofFirstPlatform() {
    return new ImageKey(reference, month, Optional.empty());
  }

  /** The key of an archive of this form. */
  public ObjectKey archive(ArchiveForm form) {
    return new ObjectKey(stem() + form.suffix());
  }

  /** The keys that an archive can have: one of each form. */
  public List<ObjectKey> archives() {
    return Stream.of(ArchiveForm.values()).map(this::archive).toList();
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
  ObjectKey archivedArchive(ArchiveForm form, Instant at, int attempt) {
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
