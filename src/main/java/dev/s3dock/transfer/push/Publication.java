package dev.s3dock.transfer.push;

import dev.s3dock.archive.ArchiveIndex;
import dev.s3dock.archive.write.PackedImage;
import dev.s3dock.archive.write.Segment;
import dev.s3dock.registry.ImageKey;
import dev.s3dock.registry.ImageMetadata;
import dev.s3dock.registry.Images;
import dev.s3dock.registry.Published;
import dev.s3dock.registry.audit.AuditLog;
import dev.s3dock.registry.audit.PushEvent;
import dev.s3dock.store.ObjectStore;
import dev.s3dock.transfer.InFlight;
import dev.s3dock.transfer.TransferProgress;
import dev.s3dock.transfer.push.ArchiveUpload.Uploaded;
import dev.s3dock.transfer.push.EagerUpload.Begun;
import dev.s3dock.transfer.push.PartPlanner.Step;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.Optional;

/**
 * The last steps of a push: the archive, then its metadata, then the audit event, and what leads
 * other apps to its layers.
 */
record Publication(
    ObjectStore store, Images images, AuditLog audit, Clock clock, TransferProgress progress) {
  /**
   * Makes the archive and publishes it.
   *
   * @param begun an upload for this target that has been begun; closed when this returns
   */
  PushResult publish(
      PackedImage packed, ReuseSources found, UploadTarget target, Optional<Begun> begun)
      throws IOException {
    List<Segment> segments = packed.segments(found.chunks());
    Sent sent;
    try {
      sent = send(packed, segments, found, target, begun);
    } catch (ReuseException e) {
      if (found.hasOthers()) {
        progress.detail(
            "%s: taking nothing from other apps, since %s"
                .formatted(target.key().reference(), e.getMessage()));
        return publish(packed, found.ownOnly(), target, Optional.empty());
      }
      if (!packed.leading().layers().isEmpty()) {
        throw e; // not all of the bytes are here
      }
      progress.note(
          "%s: sending everything, since %s".formatted(target.key().reference(), e.getMessage()));
      List<Step> everything = PartPlanner.of(PartPlan.sendAll(segments));
      sent = send(packed, everything, ReuseSources.NONE, target);
    }
    return publish(packed, sent, found, target);
  }

  private PushResult publish(PackedImage packed, Sent sent, ReuseSources found, UploadTarget target)
      throws IOException {
    ArchiveIndex index = sent.archive.input().index().withObjectEtag(sent.archive.state().value());
    ImageMetadata metadata =
        new ImageMetadata(
            sent.archive.input().md5Hex(), packed.size(), Optional.of(index.toJson()));
    images
        .writes()
        .publish(target.key(), metadata, sent.archive.state(), target.before())
        .ifPresent(progress::warn);
    PushEvent event = record(target.key(), metadata, false, target.before().isPresent());
    try (InFlight beside = new InFlight(1)) {
      beside.submit(
          1,
          () ->
              () -> {
                TemporaryObjects.sweep(store, target.key().reference().app(), clock);
                return event;
              });
      HintedLayers.record(store, index, target.archive(), found.diffIds());
      beside.await();
    }
    return new PushResult(event, sent.bytes, packed.size() - sent.bytes);
  }

  private record Sent(Uploaded archive, long bytes) {}

  /** Goes on with what was begun, if that fits. */
  private Sent send(
      PackedImage packed,
      List<Segment> segments,
      ReuseSources found,
      UploadTarget target,
      Optional<Begun> begun)
      throws IOException {
    if (begun.isPresent()) {
      try (ArchiveUpload upload = begun.get().upload()) {
        Optional<List<Step>> steps =
            PartPlanner.around(segments, begun.get().placed(packed, segments));
        if (steps.isPresent()) {
          return finish(upload, packed, steps.get(), target);
        }
        progress.detail(
            "%s: the parts that were sent during the export do not match, sending them again"
                .formatted(target.key().reference()));
      }
    }
    return send(packed, PartPlanner.of(PartPlan.of(segments)), found, target);
  }

  private Sent send(PackedImage packed, List<Step> steps, ReuseSources found, UploadTarget target)
      throws IOException {
    try (ArchiveUpload upload = ArchiveUpload.start(store, found, target)) {
      return finish(upload, packed, steps, target);
    }
  }

  private Sent finish(
      ArchiveUpload upload, PackedImage packed, List<Step> steps, UploadTarget target)
      throws IOException {
    long sent = PartPlan.sent(steps.stream().map(Step::part).toList());
    try (TransferProgress.Step step = progress.begin("upload", sent)) {
      return new Sent(
          upload.finish(
              packed, steps, step, () -> images.writes().makeWay(target.key(), target.before())),
          sent);
    }
  }

  /** Records that an image was found to be published already. */
  PushResult skip(Published published) {
    return skip(published, images.writes().ensureManifest(published));
  }

  /**
   * The same.
   *
   * @param unrecorded as of {@link dev.s3dock.registry.ImageWrites#ensureManifest}
   */
  PushResult skip(Published published, Optional<String> unrecorded) {
    unrecorded.ifPresent(progress::warn);
    PushEvent event = record(published.key(), published.metadata(), true, false);
    return new PushResult(event, 0, published.metadata().size());
  }

  private PushEvent record(
      ImageKey key, ImageMetadata metadata, boolean skipped, boolean archived) {
    PushEvent pushed = PushEvent.of(key, metadata, skipped, archived);
    audit.append(key.reference(), pushed);
    return pushed;
  }
}
