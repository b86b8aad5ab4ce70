package dev.s3dock.verify;

import dev.s3dock.archive.ArchiveIndex;
import dev.s3dock.archive.CorruptArchiveException;
import dev.s3dock.registry.ImageKey;
import dev.s3dock.registry.ImageMetadata;
import dev.s3dock.registry.Images;
import dev.s3dock.registry.Published;
import dev.s3dock.registry.RegistryException;
import dev.s3dock.registry.gc.Retention;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.ObjectStat;
import dev.s3dock.store.StoreException;
import dev.s3dock.transfer.ArchiveDownload;
import dev.s3dock.transfer.PublishedIndex;
import dev.s3dock.verify.ConsistentRead.Look;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Is one platform of an image what its objects say? Looks at the metadata, and at the archive as a
 * listing tells it; reads the bytes of the archive where it is asked to, or where they alone can
 * tell. For several threads.
 */
final class ImageCheck {
  private static final long LARGE_BYTES = 512 << 10;
  private static final Pattern MD5 = Pattern.compile("[0-9a-f]{32}");
  private static final String PUSH = "push the image again to replace this one";
  private static final String UNPROVEN = "run s3dock verify --deep to check its bytes";

  private final Inventory inventory;
  private final Images images;
  private final ConsistentRead reread;
  private final Clock clock;
  private final ArchiveBytes bytes;
  private final boolean deep;
  private final Object large = new Object();

  /**
   * Reads metadata and states of archives; their bytes only if asked to.
   *
   * @param deep reads the bytes of every archive
   */
  ImageCheck(
      Inventory inventory,
      Images images,
      ConsistentRead reread,
      Clock clock,
      ArchiveBytes bytes,
      boolean deep) {
    this.inventory = inventory;
    this.images = images;
    this.reread = reread;
    this.clock = clock;
    this.bytes = bytes;
    this.deep = deep;
  }

  /**
   * What was found.
   *
   * @param published true if it has metadata that is no tombstone
   * @param size of its archive; 0 if there is none
   */
  record Checked(StoredImage image, List<Finding> findings, boolean published, long size) {
    Checked {
      findings = List.copyOf(findings);
    }
  }

  /** Checks an image; what the listing tells of it may be old. */
  Checked check(StoredImage listed) {
    Once once = new Once(listed);
    ObjectKey key = listed.key().metadata();
    List<Finding> findings;
    try {
      findings = reread.confirm(key, once::look);
    } catch (StoreException e) {
      findings = ConsistentRead.notChecked(key.value(), e);
    }
    return new Checked(listed, findings, once.published, once.size);
  }

  /** The looks at one image. */
  private final class Once {
    private final ImageKey key;
    private Optional<StoredImage> listed;
    private boolean published;
    private long size;

    Once(StoredImage listed) {
      this.key = listed.key();
      this.listed = Optional.of(listed);
    }

    Look look() {
      StoredImage now = listed.orElseGet(() -> inventory.look(key));
      listed = Optional.empty();
      published = false;
      size = 0;
      if (now.metadata().isEmpty()) {
        return Look.doubtful(withoutMetadata(now), now.states());
      }
      if (now.metadata().get().size() <= LARGE_BYTES) {
        return withMetadata(now);
      }
      synchronized (large) { // memory holds one such at a time
        return withMetadata(now);
      }
    }

    private Look withMetadata(StoredImage now) {
      ObjectKey metadata = now.key().metadata();
      Optional<Published> read;
      published = true;
      try {
        read = images.at(now.key());
      } catch (RegistryException e) {
        return Look.of(List.of(Finding.unreadable(metadata, e)), now.states());
      } catch (StoreException e) {
        if (e.kind() != StoreException.Kind.TOO_LARGE) {
          throw e;
        }
        return Look.of(
            List.of(
                Finding.damage(
                    metadata,
                    "has more than %d bytes, too many for metadata"
                        .formatted(ImageMetadata.MAX_BYTES),
                    PUSH)),
            now.states());
      }
      published = read.isPresent();
      if (read.isEmpty()) {
        return Look.doubtful(List.of(tombstone(metadata)), now.states());
      }
      if (!now.metadata().map(ObjectStat::etag).equals(Optional.of(read.get().state()))) {
        return Look.overtaken();
      }
      return compare(now, read.get());
    }

    private Look compare(StoredImage now, Published image) {
      List<Finding> findings = new ArrayList<>(otherForms(now, image.archive()));
      unfindable(image).ifPresent(findings::add);
      Optional<ObjectStat> archive = now.archive(image.archive());
      size = archive.map(ObjectStat::size).orElse(0L);
      if (archive.isEmpty()) {
        findings.add(
            Finding.damage(image.archive(), "is missing while its metadata is there", PUSH));
        return Look.of(findings, now.states());
      }
      try {
        findings.addAll(archive(image, archive.get()));
        return Look.of(findings, now.states());
      } catch (ArchiveDownload.ArchiveChangedException e) {
        return Look.overtaken();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** What was pushed when s3dock did not yet write what leads from a digest has none. */
  private Optional<Finding> unfindable(Published image) {
    if (image.metadata().manifest().isEmpty() || images.isFindable(image)) {
      return Optional.empty();
    }
    ObjectKey metadata = image.key().metadata();
    return Optional.of(
        Finding.note(
            metadata,
            "cannot be found by the digest of its manifest",
            "push the image again, which only adds what is missing"));
  }

  private List<Finding> archive(Published image, ObjectStat archive) throws IOException {
    if (archive.size() != image.metadata().size()) {
      return List.of(
          Finding.damage(
              archive.key(),
              "has %d bytes, its metadata says %d"
                  .formatted(archive.size(), image.metadata().size()),
              PUSH));
    }
    Optional<ArchiveIndex> index;
    try {
      index = PublishedIndex.parse(image);
    } catch (CorruptArchiveException e) {
      return List.of(
          Finding.damage(image.key().metadata(), "has a damaged index: " + e.getMessage(), PUSH));
    }
    if (deep) {
      return bytes.prove(image, archive, index);
    }
    String etag = archive.etag().value();
    if (index.flatMap(ArchiveIndex::objectEtag).equals(Optional.of(etag))
        || etag.equals(image.metadata().checksum())) {
      return List.of();
    }
    return MD5.matcher(etag).matches()
        ? bytes.compareMd5(image, archive)
        : List.of(unproven(archive, index.isPresent()));
  }

  /** What another tool has copied has the same bytes under another ETag. */
  private static Finding unproven(ObjectStat archive, boolean indexed) {
    return Finding.note(
        archive.key(),
        indexed
            ? "has another ETag than in its index, as after a copy by another tool; its size is right, its bytes are not verified"
            : "has no index, and an ETag that is not an MD5; its size is right, its bytes are not verified",
        UNPROVEN);
  }

  private static Finding tombstone(ObjectKey metadata) {
    return Finding.note(
        metadata,
        "is a tombstone: a cleanup is under way, or was interrupted",
        "the next s3dock cleanup completes it");
  }

  private List<Finding> withoutMetadata(StoredImage now) {
    return now.archives().stream()
        .map(
            archive ->
                isYoung(archive)
                    ? Finding.note(
                        archive.key(), "has no metadata yet; a push may be under way", "")
                    : Finding.leftover(
                        archive.key(),
                        "has no metadata, so it is not published",
                        "s3dock cleanup removes it"))
        .toList();
  }

  /** Archives of another form than the metadata says. */
  private List<Finding> otherForms(StoredImage now, ObjectKey archive) {
    return now.archives().stream()
        .filter(other -> !other.key().equals(archive))
        .map(
            other ->
                isYoung(other)
                    ? Finding.note(
                        other.key(),
                        "lies beside the published %s; a push may be under way"
                            .formatted(archive.name()),
                        "")
                    : Finding.leftover(
                        other.key(),
                        "lies beside the published " + archive.name(),
                        "s3dock cleanup removes it together with that image"))
        .toList();
  }

  private boolean isYoung(ObjectStat object) {
    Instant graceBegan = clock.instant().minus(Retention.GRACE);
    return object.lastModified().isAfter(graceBegan);
  }
}
