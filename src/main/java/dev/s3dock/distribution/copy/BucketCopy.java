package dev.s3dock.distribution.copy;

import dev.s3dock.archive.ArchiveIndex;
import dev.s3dock.image.Platform;
import dev.s3dock.registry.BucketLayout;
import dev.s3dock.registry.ImageKey;
import dev.s3dock.registry.ImageMetadata;
import dev.s3dock.registry.Images;
import dev.s3dock.registry.Published;
import dev.s3dock.registry.audit.AuditLog;
import dev.s3dock.registry.audit.PushEvent;
import dev.s3dock.store.ETag;
import dev.s3dock.store.MultipartUpload;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.ObjectStat;
import dev.s3dock.store.ObjectStore;
import dev.s3dock.store.StoreException;
import dev.s3dock.transfer.ArchiveDownload;
import dev.s3dock.transfer.ArchiveDownload.ArchiveChangedException;
import dev.s3dock.transfer.ArchiveFile;
import dev.s3dock.transfer.ArchiveStream;
import dev.s3dock.transfer.ArchiveStream.StoreFailedException;
import dev.s3dock.transfer.Md5;
import dev.s3dock.transfer.PublishedIndex;
import dev.s3dock.transfer.TransferException;
import dev.s3dock.transfer.TransferException.Kind;
import dev.s3dock.transfer.TransferProgress;
import dev.s3dock.transfer.push.HintedLayers;
import java.io.IOException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Copies an image from one bucket into another: the archive as it is, inside the store where both
 * are of one, then the metadata, then the event. What another bucket has published under the name
 * is set aside, as by a push.
 */
public final class BucketCopy {
  private static final int PART_BYTES = 16 << 20;

  private final ObjectStore from;
  private final ObjectStore to;
  private final Images images;
  private final AuditLog audit;
  private final int retries;
  private final TransferProgress progress;

  /**
   * Copies between these stores.
   *
   * @param images of the store that is copied to
   * @param audit of the same
   * @param retries of a range that fails
   */
  public BucketCopy(
      ObjectStore from,
      ObjectStore to,
      Images images,
      AuditLog audit,
      int retries,
      TransferProgress progress) {
    this.from = from;
    this.to = to;
    this.images = images;
    this.audit = audit;
    this.retries = retries;
    this.progress = progress;
  }

  /**
   * What was done.
   *
   * @param event as it was audited
   * @param sent bytes that went by way of this machine
   */
  public record Result(PushEvent event, long sent) {}

  /** Where an image goes, and what is published there. */
  private record Place(ImageKey key, Optional<Published> before) {}

  /**
   * Copies one platform of a commit.
   *
   * @throws TransferException {@link Kind#REFUSED} if the commit is published there as an archive
   *     of another form
   */
  public Result copy(Published image) throws IOException {
    List<Published> there =
        images.find(image.key().reference()).map(images::platforms).orElse(List.of());
    Optional<Published> same = there.stream().filter(it -> isSame(it, image)).findFirst();
    if (same.isPresent()) {
      images.writes().ensureManifest(same.get()).ifPresent(progress::warn);
      return new Result(record(same.get().key(), same.get().metadata(), true, false), 0);
    }
    Place place = place(image, there);
    try (TransferProgress.Step step = progress.begin("copy", image.metadata().size())) {
      Archive archive = archive(image, place, step);
      ImageMetadata metadata = metadata(image, archive.state());
      images
          .writes()
          .publish(place.key(), metadata, archive.state(), place.before())
          .ifPresent(progress::warn);
      Result result =
          new Result(
              record(place.key(), metadata, false, place.before().isPresent()), archive.sent());
      leadToLayers(image, place, archive.state());
      return result;
    } catch (StoreFailedException e) {
      throw e.reason();
    } catch (ArchiveChangedException e) {
      throw new TransferException(Kind.CHANGED, e.getMessage() + "; copy it again", e);
    }
  }

  /** Other apps of that bucket may have these layers, too. */
  private void leadToLayers(Published image, Place place, ETag state) {
    PublishedIndex.of(image)
        .map(index -> index.withObjectEtag(state.value()))
        .ifPresent(
            index ->
                HintedLayers.record(
                    to,
                    index,
                    place.key().archive(image.metadata().form()),
                    Set.copyOf(index.diffIds())));
  }

  /** The same bytes, or the same image in other bytes. */
  private static boolean isSame(Published one, Published other) {
    return one.metadata().checksum().equals(other.metadata().checksum())
        || (imageId(one).isPresent() && imageId(one).equals(imageId(other)));
  }

  private static Optional<String> imageId(Published image) {
    return image.metadata().index().map(index -> index.path("image_id").asText());
  }

  private static Place place(Published image, List<Published> there) {
    Optional<Platform> platform = PublishedIndex.of(image).map(ArchiveIndex::platform);
    Optional<Published> before =
        there.stream()
            .filter(it -> PublishedIndex.of(it).map(ArchiveIndex::platform).equals(platform))
            .findFirst();
    if (before.isEmpty() && !there.isEmpty() && platform.isEmpty()) {
      throw refused(image, "is published there for another platform, and this one is not known");
    }
    ImageKey key =
        before
            .map(Published::key)
            .orElseGet(
                () ->
                    there.isEmpty()
                        ? image.key().ofFirstPlatform()
                        : BucketLayout.furtherPlatform(
                            there.getFirst().key(), platform.orElseThrow()));
    if (before.isPresent() && before.get().metadata().form() != image.metadata().form()) {
      throw refused(image, "is published there with another compression");
    }
    return new Place(key, before);
  }

  private static TransferException refused(Published image, String why) {
    return new TransferException(
        Kind.REFUSED,
        "%s %s; remove it there first (s3dock remove image), or push it"
            .formatted(image.key().reference(), why));
  }

  private record Archive(ETag state, long sent) {}

  private Archive archive(Published image, Place place, TransferProgress.Step step)
      throws IOException {
    ObjectStat archive = ArchiveFile.archiveOf(from, image);
    ObjectKey key = place.key().archive(image.metadata().form());
    Optional<ETag> inside = inside(archive, place, key);
    if (inside.isPresent()) {
      step.saved(archive.size());
      return new Archive(inside.get(), 0);
    }
    ArchiveDownload download = new ArchiveDownload(from, archive, retries, step);
    try (MultipartUpload upload = to.startUpload(key);
        ArchiveStream in = new ArchiveStream(download, archive.size())) {
      send(image, archive.size(), in, upload);
      images.writes().makeWay(place.key(), place.before());
      return new Archive(upload.complete(), archive.size());
    }
  }

  /**
   * Inside the store; only where nothing has to be set aside, so that a refusal changes nothing.
   */
  private Optional<ETag> inside(ObjectStat archive, Place place, ObjectKey key) {
    if (place.before().isPresent() || !to.canCopyFrom(from, archive)) {
      return Optional.empty();
    }
    images.writes().requireUnchanged(place.key(), place.before());
    try {
      return Optional.of(to.copyFrom(from, archive, key));
    } catch (StoreException e) {
      return switch (e.kind()) {
        case ACCESS_DENIED, UNSUPPORTED, FAILED -> Optional.empty(); // by way of this machine
        default -> throw e;
      };
    }
  }

  private static void send(Published image, long size, ArchiveStream in, MultipartUpload upload)
      throws IOException {
    MessageDigest md5 = Md5.start();
    int length = (int) Math.max(PART_BYTES, Math.ceilDiv(size, (long) MultipartUpload.MAX_PARTS));
    byte[] part = new byte[(int) Math.min(length, size)];
    int number = 1;
    for (int count = in.readNBytes(part, 0, part.length);
        count > 0;
        count = in.readNBytes(part, 0, part.length)) {
      md5.update(part, 0, count);
      upload.uploadPart(number++, part, 0, count);
    }
    String found = HexFormat.of().formatHex(md5.digest());
    if (!found.equals(image.metadata().checksum())) {
      throw new TransferException(
          Kind.INTEGRITY,
          "%s is damaged: its MD5 is %s, its metadata says %s; nothing was copied: push it again with --force from where it was built"
              .formatted(image.archive(), found, image.metadata().checksum()));
    }
  }

  private static ImageMetadata metadata(Published image, ETag state) {
    return new ImageMetadata(
        image.metadata().checksum(),
        image.metadata().size(),
        image.metadata().index().map(index -> index.deepCopy().put("object_etag", state.value())));
  }

  private PushEvent record(
      ImageKey key, ImageMetadata metadata, boolean skipped, boolean archived) {
    PushEvent event = PushEvent.of(key, metadata, skipped, archived);
    audit.append(key.reference(), event);
    return event;
  }
}
