package dev.s3dock.transfer;

import dev.s3dock.archive.ArchiveIndex;
import dev.s3dock.archive.ArchivePacker;
import dev.s3dock.archive.Compression;
import dev.s3dock.archive.CorruptArchiveException;
import dev.s3dock.archive.ImageSource;
import dev.s3dock.archive.LayerMistakenException;
import dev.s3dock.archive.LeadingLayers;
import dev.s3dock.archive.MemberCache;
import dev.s3dock.archive.PackedImage;
import dev.s3dock.archive.Piece;
import dev.s3dock.engine.Engine;
import dev.s3dock.engine.EngineImage;
import dev.s3dock.image.Digest;
import dev.s3dock.image.ImageReference;
import dev.s3dock.image.Platform;
import dev.s3dock.registry.ArchiveForm;
import dev.s3dock.registry.AuditLog;
import dev.s3dock.registry.AuditLog.Pushed;
import dev.s3dock.registry.BucketLayout;
import dev.s3dock.registry.BucketLayout.ImageKey;
import dev.s3dock.registry.Catalog;
import dev.s3dock.registry.ImageMetadata;
import dev.s3dock.registry.Images;
import dev.s3dock.registry.Images.Published;
import dev.s3dock.store.ObjectStore;
import dev.s3dock.transfer.ArchiveUpload.Uploaded;
import dev.s3dock.transfer.Composition.Part;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Predicate;

/**
 * Publishes an image: packs it into an archive, makes that in the store out of new bytes and of
 * what other archives of the app have already, writes the metadata, then the audit event. What is
 * published already under the same identity is not sent again; what is published under another one
 * is set aside first.
 */
public final class Pusher {
  private final ObjectStore store;
  private final Images images;
  private final AuditLog audit;
  private final LegacyArchives legacy;
  private final BaseSearch bases;
  private final Clock clock;
  private final Progress progress;
  private final Packing packing;

  /**
   * How to pack.
   *
   * @param spool folder for the compressed layers on their way
   * @param threads that compress
   * @param force sends also what is published already, to mend an archive that is damaged
   * @param cache folder for members that were compressed here before
   * @param cacheBytes most bytes in it; 0 for no cache
   */
  public record Packing(
      Path spool,
      Compression compression,
      int threads,
      boolean force,
      Path cache,
      long cacheBytes) {
    MemberCache openCache(Clock clock) {
      return cacheBytes == 0
          ? MemberCache.none()
          : MemberCache.open(cache, compression, cacheBytes, clock);
    }

    Packing with(Compression other) {
      return new Packing(spool, other, threads, force, cache, cacheBytes);
    }
  }

  /** Creates a pusher into this store. */
  public Pusher(
      ObjectStore store,
      Images images,
      AuditLog audit,
      LegacyArchives legacy,
      Catalog catalog,
      Clock clock,
      Packing packing,
      Progress progress) {
    this.store = store;
    this.images = images;
    this.audit = audit;
    this.legacy = legacy;
    this.bases = new BaseSearch(store, images, catalog, packing.compression());
    this.clock = clock;
    this.packing = packing;
    this.progress = progress;
  }

  /**
   * Pushes the image that an engine holds.
   *
   * @param name what the engine calls it: the reference, or that behind a registry and a path
   */
  public PushResult push(ImageReference reference, Engine engine, String name) throws IOException {
    EngineImage held =
        engine
            .inspect(name)
            .orElseThrow(
                () ->
                    new TransferException(
                        TransferException.Kind.NOT_FOUND,
                        "the engine has no image %s; build it (s3dock build %s), or push a saved one with --from"
                            .formatted(name, reference.app())));
    Optional<Published> same = publishedAs(reference, held);
    if (same.isPresent()) {
      return skip(same.get());
    }
    Bases found = bases(reference, Optional.of(held.platform()), held.diffIds());
    try {
      return export(reference, engine, name, found);
    } catch (LayerMistakenException | BaseUnusableException e) {
      return export(reference, engine, name, Bases.NONE); // this time everything is packed
    }
  }

  private PushResult export(ImageReference reference, Engine engine, String name, Bases found)
      throws IOException {
    try (InputStream export = engine.export(name)) {
      return push(reference, ImageSource.ofStream(export, name).withReference(name), found);
    }
  }

  /** None if the push is to mend what is damaged: that could be the others, too. */
  private Bases bases(ImageReference reference, Optional<Platform> platform, List<Digest> diffIds)
      throws IOException {
    return packing.force() ? Bases.NONE : bases.find(reference.app(), platform, diffIds);
  }

  /** Pushes an image out of a file or a folder, or out of an engine's export. */
  public PushResult push(ImageReference reference, ImageSource source) throws IOException {
    return push(reference, source, bases(reference, Optional.empty(), List.of()));
  }

  private PushResult push(ImageReference reference, ImageSource source, Bases found)
      throws IOException {
    Packing how = packing.with(compression(published(reference)));
    if (!how.equals(packing)) {
      found = Bases.NONE; // members of another form
    }
    return push(reference, source, found, how);
  }

  private PushResult push(ImageReference reference, ImageSource source, Bases found, Packing how)
      throws IOException {
    try (MemberCache cache = how.openCache(clock);
        PackedImage packed = pack(how, cache, reference, source, found.leading())) {
      List<Published> variants = published(reference);
      for (Published variant : variants) {
        if (isSame(
            variant,
            index -> index.imageId().equals(packed.imageId()),
            () -> legacy.identify(variant).imageId().equals(packed.imageId()))) {
          return skip(variant);
        }
      }
      Optional<Published> before =
          variants.stream().filter(v -> isFor(v, packed.platform())).findFirst();
      ImageKey key =
          before
              .map(Published::key)
              .orElseGet(() -> newKey(reference, variants, packed.platform()))
              .in(form(how.compression()));
      try (ExecutorService keeper = Executors.newVirtualThreadPerTaskExecutor()) {
        keeper.execute(() -> packed.keepMembers(cache));
        return upload(packed, found, key, before);
      }
    }
  }

  /**
   * A commit keeps the form of archive that it was first published in: so what is replaced is
   * replaced under its own key, and no archive is left behind that no metadata describes.
   */
  private Compression compression(List<Published> variants) {
    Compression configured = packing.compression();
    return variants.stream()
        .findFirst()
        .map(first -> first.key().form())
        .filter(form -> form != form(configured))
        .map(
            form ->
                switch (form) {
                  case GZIP -> Compression.Algorithm.GZIP.standard();
                  case ZSTD -> Compression.Algorithm.ZSTD.standard();
                })
        .orElse(configured);
  }

  private static ArchiveForm form(Compression compression) {
    return switch (compression.algorithm()) {
      case GZIP -> ArchiveForm.GZIP;
      case ZSTD -> ArchiveForm.ZSTD;
    };
  }

  private PackedImage pack(
      Packing how,
      MemberCache cache,
      ImageReference reference,
      ImageSource source,
      LeadingLayers leading)
      throws IOException {
    ArchivePacker packer = new ArchivePacker(how.spool(), how.compression(), how.threads(), cache);
    try (Progress.Step step = progress.begin("pack", -1)) {
      return packer.pack(source, reference, leading, step::advance);
    }
  }

  /** The published image that the engine's ID proves to be the same, without an export. */
  private Optional<Published> publishedAs(ImageReference reference, EngineImage held)
      throws IOException {
    for (Published variant : published(reference)) {
      if (isSame(variant, index -> held.id().equals(index.imageId().toString()), () -> false)) {
        return Optional.of(variant);
      }
    }
    return Optional.empty();
  }

  private List<Published> published(ImageReference reference) {
    return images.find(reference).map(images::variants).orElse(List.of());
  }

  /** Compares with an archive of the original, which must be read for it. */
  private interface LegacyTest {
    boolean isSame() throws IOException;
  }

  /** What is damaged is not the same: it is set aside, and what is pushed takes its place. */
  private boolean isSame(Published variant, Predicate<ArchiveIndex> test, LegacyTest legacyTest)
      throws IOException {
    if (packing.force()) {
      return false;
    }
    try {
      ArchiveFile.archiveOf(store, variant);
      Optional<ArchiveIndex> index = PublishedIndex.of(variant);
      return index.isPresent() ? test.test(index.get()) : legacyTest.isSame();
    } catch (TransferException | CorruptArchiveException damaged) {
      return false;
    }
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
      ImageReference reference, List<Published> variants, Platform platform) {
    if (variants.isEmpty()) {
      return BucketLayout.image(reference);
    }
    return BucketLayout.furtherPlatform(variants.getFirst().key(), platform);
  }

  private PushResult upload(
      PackedImage packed, Bases found, ImageKey key, Optional<Published> before)
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

  private PushResult skip(Published published) {
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
