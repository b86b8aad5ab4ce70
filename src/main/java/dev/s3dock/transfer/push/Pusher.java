package dev.s3dock.transfer.push;

import dev.s3dock.archive.CorruptArchiveException;
import dev.s3dock.archive.cache.ChunkCache;
import dev.s3dock.archive.source.ImageSource;
import dev.s3dock.archive.write.LayerMistakenException;
import dev.s3dock.archive.write.PackedImage;
import dev.s3dock.archive.write.PackingListener;
import dev.s3dock.archive.write.SpooledLayer;
import dev.s3dock.engine.Engine;
import dev.s3dock.engine.EngineException;
import dev.s3dock.image.Digest;
import dev.s3dock.image.ImageReference;
import dev.s3dock.registry.Catalog;
import dev.s3dock.registry.Images;
import dev.s3dock.registry.Published;
import dev.s3dock.registry.audit.AuditLog;
import dev.s3dock.registry.layer.LayerHints;
import dev.s3dock.store.ObjectStore;
import dev.s3dock.transfer.LegacyArchives;
import dev.s3dock.transfer.NotedDigests;
import dev.s3dock.transfer.TransferException;
import dev.s3dock.transfer.TransferProgress;
import dev.s3dock.transfer.export.LayerExport;
import dev.s3dock.transfer.export.PushEndedException;
import dev.s3dock.transfer.loopback.LoopbackRegistry;
import dev.s3dock.transfer.push.EagerUpload.Begun;
import dev.s3dock.transfer.push.PushLookup.Outcome;
import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;

/**
 * Publishes an image: packs it into an archive, makes that in the store out of new bytes and of
 * what other archives have already, writes the metadata, then the audit event. What is published
 * already under the same identity is not sent again; what is published under another one is set
 * aside first.
 */
public final class Pusher {
  private final ObjectStore store;
  private final Images images;
  private final Publication publication;
  private final ReuseSearch search;
  private final Clock clock;
  private final TransferProgress progress;
  private final Packing packing;
  private final Identities identities;
  private final PushLookup lookup;
  private final NotedDigests blobs;
  private final Optional<LoopbackRegistry> loopback;

  /**
   * Pushes into one store.
   *
   * @param clock for the times in what is written
   * @param loopback for engines that hand out single layers; empty to let them save everything
   */
  public Pusher(
      ObjectStore store,
      Images images,
      AuditLog audit,
      LegacyArchives legacy,
      Catalog catalog,
      Clock clock,
      Packing packing,
      TransferProgress progress,
      Optional<LoopbackRegistry> loopback) {
    this.store = store;
    this.images = images;
    this.publication = new Publication(store, images, audit, clock, progress);
    this.search = new ReuseSearch(store, images, catalog, packing.choice());
    this.clock = clock;
    this.packing = packing;
    this.identities =
        new Identities(
            store, legacy, new KnownImages(new NotedDigests(packing.cache().resolve("image-ids"))));
    this.progress = progress;
    this.blobs = new NotedDigests(packing.cache().resolve("pushed-blobs"));
    this.loopback = loopback;
    this.lookup =
        new PushLookup(images, publication, search, identities, packing, loopback.isPresent());
  }

  /**
   * Pushes the image that an engine holds.
   *
   * @param name what the engine calls it: the reference, or that behind a registry and a path
   * @throws TransferException {@link TransferException.Kind#NOT_FOUND} if it holds no such image
   */
  public PushResult push(ImageReference reference, Engine engine, String name) throws IOException {
    return switch (lookup.look(reference, engine, name)) {
      case Outcome.Skipped skipped -> skipped.result();
      case Outcome.Missing missing -> push(missing.export());
    };
  }

  /** By the way that takes least; what goes wrong on one leads to the next. */
  private PushResult push(EngineExport export) throws IOException {
    Optional<ImageSource> known =
        HeldImage.find(
            export.reuse(), export.held(), id -> identities.isOf(export.held(), id), export.name());
    if (known.isPresent()) {
      try {
        return pushKnown(known.get(), export);
      } catch (ReuseException e) {
        progress.detail("%s: exporting it, since %s".formatted(export.reference(), e.getMessage()));
      }
    }
    if (export.byLayers()) {
      try {
        return pushLayers(loopback.orElseThrow(), export);
      } catch (EngineException
          | PushEndedException
          | LayerMistakenException
          | CorruptArchiveException
          | ReuseException e) {
        progress.detail(
            "%s: the engine does not hand out single layers (%s): saving all"
                .formatted(export.reference(), e.getMessage()));
      }
    }
    try {
      return export(export, export.reuse());
    } catch (LayerMistakenException | ReuseException e) {
      progress.note(
          "%s: packing and sending everything, since %s"
              .formatted(export.reference(), e.getMessage()));
      return export(export, ReuseSources.NONE);
    }
  }

  /** Pushes an image out of a file or a folder. */
  public PushResult push(ImageReference reference, ImageSource source) throws IOException {
    Packing how = UploadTarget.packing(packing, published(reference));
    ReuseSources reuse =
        lookup.mayReuse(how)
            ? ReuseSearch.among(search.candidates(reference.app()), Optional.empty(), List.of())
            : ReuseSources.NONE;
    return publish(
        new Job(reference, source, -1, how, reuse, lookup.mayReuse(how), EagerUpload.none()),
        imageId -> {});
  }

  private List<Published> published(ImageReference reference) {
    return images.find(reference).map(images::platforms).orElse(List.of());
  }

  /** Publishes what the bucket has all of, as another commit. */
  private PushResult pushKnown(ImageSource source, EngineExport export) throws IOException {
    progress.detail("%s: all of it is in the bucket".formatted(export.reference()));
    try (EagerUpload eager = eager(export, export.reuse())) {
      Packing how = UploadTarget.packing(packing, export.platforms());
      return publish(
          new Job(export.reference(), source, 0, how, export.reuse(), false, eager), imageId -> {});
    }
  }

  /** Publishes what the engine pushes to this machine: the layers that the bucket lacks. */
  private PushResult pushLayers(LoopbackRegistry to, EngineExport export) throws IOException {
    long missing = Math.max(0, export.bytes() - LayerExport.bytes(export.reuse().leading()));
    int all = export.held().diffIds().size();
    progress.detail(
        "%s: taking %d of %d layers from the engine"
            .formatted(export.reference(), all - export.reuse().leading().layers().size(), all));
    try (EagerUpload eager = eager(export, export.reuse());
        LayerExport layers =
            LayerExport.begin(
                to,
                blobs,
                export.engine(),
                export.reference(),
                export.held(),
                export.reuse().leading())) {
      Packing how = UploadTarget.packing(packing, export.platforms());
      return publish(
          new Job(export.reference(), layers.source(), missing, how, export.reuse(), false, eager),
          imageId -> identities.remember(export.engine(), export.name(), export.held(), imageId));
    }
  }

  /** Publishes what the engine exports; parts are uploaded while the export runs. */
  private PushResult export(EngineExport export, ReuseSources reuse) throws IOException {
    Packing how = UploadTarget.packing(packing, export.platforms());
    try (EagerUpload eager = eager(export, reuse);
        InputStream stream = export.engine().export(export.name())) {
      ImageSource source = ImageSource.ofStream(stream, export.name()).withReference(export.name());
      return publish(
          new Job(export.reference(), source, export.bytes(), how, reuse, false, eager),
          imageId -> identities.remember(export.engine(), export.name(), export.held(), imageId));
    }
  }

  private EagerUpload eager(EngineExport export, ReuseSources reuse) {
    Packing how = UploadTarget.packing(packing, export.platforms());
    UploadTarget target =
        UploadTarget.of(
            export.reference(),
            export.platforms(),
            export.held().platform(),
            how.choice().algorithm());
    boolean isNew = export.platforms().isEmpty() || packing.force();
    return isNew && store.worksAhead()
        ? EagerUpload.begin(store, reuse, target, export.held().diffIds())
        : EagerUpload.none();
  }

  /**
   * An image to be packed and sent.
   *
   * @param bytes as of {@link EngineExport}
   * @param open true if what other apps have is still to be looked for, once the layers are known
   */
  private record Job(
      ImageReference reference,
      ImageSource source,
      long bytes,
      Packing how,
      ReuseSources reuse,
      boolean open,
      EagerUpload eager) {}

  /**
   * Packs and sends, unless the image turns out to be published.
   *
   * @param identified told the image ID, once that is known
   */
  private PushResult publish(Job job, Consumer<Digest> identified) throws IOException {
    ChunkCache cache = job.how.openCache(clock, progress::detail);
    try (PackedImage packed = pack(job, cache)) {
      identified.accept(packed.imageId());
      List<Published> platforms = published(job.reference);
      if (!packing.force()) {
        Optional<Published> same = identities.find(platforms, packed.imageId());
        if (same.isPresent()) {
          return publication.skip(same.get());
        }
      }
      UploadTarget target =
          UploadTarget.of(
              job.reference, platforms, packed.platform(), job.how.choice().algorithm());
      ReuseSources reuse =
          job.open
              ? search.withOthers(job.reuse, packed.diffIds(LayerHints.LEAST_BYTES))
              : job.reuse;
      Optional<Begun> begun = job.eager.end(target.archive());
      try (ExecutorService keeper = Executors.newVirtualThreadPerTaskExecutor()) {
        keeper.execute(() -> packed.keepChunks(cache));
        return publication.publish(packed, reuse, target, begun);
      }
    }
  }

  private PackedImage pack(Job job, ChunkCache cache) throws IOException {
    try (TransferProgress.Step step = progress.begin("pack", job.bytes)) {
      return job.how
          .packer(cache)
          .pack(
              job.source,
              job.reference,
              job.reuse.leading(),
              new PackingListener() {
                @Override
                public void advanced(long rawBytes) throws IOException {
                  step.advance(rawBytes);
                  job.eager.requireGoingWell();
                }

                @Override
                public void packed(SpooledLayer layer) {
                  job.eager.packed(layer);
                }
              });
    }
  }
}
