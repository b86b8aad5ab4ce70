package dev.s3dock.transfer;

import dev.s3dock.archive.ArchiveIndex;
import dev.s3dock.archive.PackedImage;
import dev.s3dock.archive.Piece;
import dev.s3dock.registry.AuditLog;
import dev.s3dock.registry.AuditLog.Pushed;
import dev.s3dock.registry.BucketLayout.ImageKey;
import dev.s3dock.registry.ImageMetadata;
import dev.s3dock.registry.Images;
import dev.s3dock.registry.Images.Published;
import dev.s3dock.store.ObjectStore;
import dev.s3dock.transfer.ArchiveUpload.Uploaded;
import dev.s3dock.transfer.Composition.Part;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.Optional;

/** The last steps of a push: the archive, then its metadata, then the audit event. */
record Publication(
    ObjectStore store, Images images, AuditLog audit, Clock clock, Progress progress) {
  /**
   * Makes the archive and publishes it.
   *
   * @param before what is published at the key, and takes its place in {@code archive/}
   */
  PushResult publish(PackedImage packed, Bases found, ImageKey key, Optional<Published> before)
      throws IOException {
    List<Piece> pieces = packed.pieces(found.members());
    List<Part> parts = Composition.of(pieces);
    Uploaded uploaded;
    try {
      uploaded = send(packed, parts, found, key, before);
    } catch (BaseUnusableException e) {
      if (!packed.leading().layers().isEmpty()) {
        throw e; // not all of the bytes are here
      }
      progress.detail(
          "%s: sending everything, since %s".formatted(key.reference(), e.getMessage()));
      parts = Composition.sendAll(pieces);
      uploaded = send(packed, parts, Bases.NONE, key, before);
    }
    ArchiveIndex index = uploaded.input().index().withObjectEtag(uploaded.state().value());
    ImageMetadata metadata =
        new ImageMetadata(uploaded.input().md5Hex(), packed.size(), Optional.of(index.toJson()));
    images.publish(key, metadata, uploaded.state(), before);
    TemporaryObjects.sweep(store, key.reference().app(), clock);
    long sent = Composition.sent(parts);
    return new PushResult(
        record(key, metadata, false, before.isPresent()), sent, packed.size() - sent);
  }

  private Uploaded send(
      PackedImage packed, List<Part> parts, Bases found, ImageKey key, Optional<Published> before)
      throws IOException {
    try (Progress.Step step = progress.begin("upload", Composition.sent(parts));
        TemporaryObjects temporary = new TemporaryObjects(store, key.reference().app())) {
      return new ArchiveUpload(store, found, temporary, step)
          .send(packed, parts, key.archive(), () -> makeWay(key, before));
    }
  }

  /** All is sent; what was published is set aside just before the new archive becomes visible. */
  private void makeWay(ImageKey key, Optional<Published> before) {
    images.requireUnchanged(key, before);
    before.ifPresent(images::setAside);
  }

  /** Records that an image was found to be published already. */
  PushResult skip(Published published) {
    Pushed event = record(published.key(), published.metadata(), true, false);
    return new PushResult(event, 0, published.metadata().size());
  }

  private Pushed record(ImageKey key, ImageMetadata metadata, boolean skipped, boolean archived) {
    Pushed pushed =
        new Pushed(
            key.reference(),
            key.archive(),
            metadata.checksum(),
            metadata.size(),
            skipped,
            archived);
    audit.append(pushed);
    return pushed;
  }
}
