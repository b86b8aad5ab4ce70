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
import dev.s3dock.engine.Engine;
import dev.s3dock.engine.EngineImage;
import dev.s3dock.image.Digest;
import dev.s3dock.image.ImageReference;
import dev.s3dock.image.Platform;
import dev.s3dock.registry.ArchiveForm;
import dev.s3dock.registry.AuditLog;
import dev.s3dock.registry.BucketLayout;
import dev.s3dock.registry.BucketLayout.ImageKey;
import dev.s3dock.registry.Catalog;
import dev.s3dock.registry.Images;
import dev.s3dock.registry.Images.Published;
import dev.s3dock.store.ObjectStore;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
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
  private final Publication publication;
  private final LegacyArchives legacy;
  private final BaseSearch bases;
  private final Clock clock;
  private final Progress progress;
  private final Packing packing;
  private final KnownImages known;

  /**
   * How to pack.
   *
   * @param spool folder for the compressed layers on their way
   * @param threads that compress
   * @param force sends also what is published already, to mend an archive that is damaged
   * @param cache folder for what is kept between pushes; need not exist
   * @param cacheBytes most bytes of compressed members in it; 0 for none
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
          : MemberCache.open(cache.resolve("members"), compression, cacheBytes, clock);
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
    this.publication = new Publication(store, images, audit, clock, progress);
    this.legacy = legacy;
    this.bases = new BaseSearch(store, images, catalog, packing.compression());
    this.clock = clock;
    this.packing = packing;
    this.known = new KnownImages(packing.cache().resolve("image-ids"));
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
    List<Published> variants = published(reference);
    Optional<Published> same = publishedAs(variants, held);
    if (same.isPresent()) {
      return publication.skip(same.get());
    }
    Packing how = packing.with(compression(variants));
    Bases found = bases(reference, how, Optional.of(held.platform()), held.diffIds());
    Consumer<Digest> identified = imageId -> remember(engine, name, held, imageId);
    try {
      return export(reference, engine, name, found, how, identified);
    } catch (LayerMistakenException | BaseUnusableException e) {
      progress.detail(
          "%s: packing and sending everything, since %s".formatted(reference, e.getMessage()));
      return export(reference, engine, name, Bases.NONE, how, identified);
    }
  }

  private PushResult export(
      ImageReference reference,
      Engine engine,
      String name,
      Bases found,
      Packing how,
      Consumer<Digest> identified)
      throws IOException {
    try (InputStream export = engine.export(name)) {
      ImageSource source = ImageSource.ofStream(export, name).withReference(name);
      return push(reference, source, found, how, identified);
    }
  }

  /** What was exported is the image that was looked at, if its name has not moved since. */
  private void remember(Engine engine, String name, EngineImage held, Digest imageId) {
    boolean same = engine.inspect(name).map(EngineImage::id).equals(Optional.of(held.id()));
    if (same && !held.id().equals(imageId.toString())) {
      known.remember(held, imageId);
    }
  }

  /**
   * None if the push is to mend what is damaged, since that could be the others, too; and none for
   * an archive of another form than the configured one.
   */
  private Bases bases(
      ImageReference reference, Packing how, Optional<Platform> platform, List<Digest> diffIds)
      throws IOException {
    return packing.force() || !how.equals(packing)
        ? Bases.NONE
        : bases.find(reference.app(), platform, diffIds);
  }

  /** Pushes an image out of a file or a folder, or out of an engine's export. */
  public PushResult push(ImageReference reference, ImageSource source) throws IOException {
    Packing how = packing.with(compression(published(reference)));
    Bases found = bases(reference, how, Optional.empty(), List.of());
    return push(reference, source, found, how, imageId -> {});
  }

  private PushResult push(
      ImageReference reference,
      ImageSource source,
      Bases found,
      Packing how,
      Consumer<Digest> identified)
      throws IOException {
    try (MemberCache cache = how.openCache(clock);
        PackedImage packed = pack(how, cache, reference, source, found.leading())) {
      identified.accept(packed.imageId());
      List<Published> variants = published(reference);
      for (Published variant : variants) {
        if (isSame(
            variant,
            index -> index.imageId().equals(packed.imageId()),
            () -> legacy.identify(variant).imageId().equals(packed.imageId()))) {
          return publication.skip(variant);
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
        return publication.publish(packed, found, key, before);
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
  private Optional<Published> publishedAs(List<Published> variants, EngineImage held)
      throws IOException {
    Set<String> identities = new HashSet<>(Set.of(held.id()));
    known.find(held).ifPresent(imageId -> identities.add(imageId.toString()));
    for (Published variant : variants) {
      if (isSame(variant, index -> identities.contains(index.imageId().toString()), () -> false)) {
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
}
