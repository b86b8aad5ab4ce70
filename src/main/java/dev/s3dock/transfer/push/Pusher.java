package dev.s3dock.transfer.push;

import dev.s3dock.archive.ArchiveIndex;
import dev.s3dock.archive.CorruptArchiveException;
import dev.s3dock.archive.LeadingLayers;
import dev.s3dock.archive.source.ImageSource;
import dev.s3dock.archive.write.ChunkCache;
import dev.s3dock.archive.write.LayerMistakenException;
import dev.s3dock.archive.write.PackedImage;
import dev.s3dock.archive.write.PackingListener;
import dev.s3dock.archive.write.SpooledLayer;
import dev.s3dock.engine.Engine;
import dev.s3dock.engine.EngineImage;
import dev.s3dock.image.Digest;
import dev.s3dock.image.ImageReference;
import dev.s3dock.image.Platform;
import dev.s3dock.registry.Catalog;
import dev.s3dock.registry.Images;
import dev.s3dock.registry.Published;
import dev.s3dock.registry.audit.AuditLog;
import dev.s3dock.store.ObjectStore;
import dev.s3dock.transfer.ArchiveFile;
import dev.s3dock.transfer.InFlight;
import dev.s3dock.transfer.LegacyArchives;
import dev.s3dock.transfer.PublishedIndex;
import dev.s3dock.transfer.TransferException;
import dev.s3dock.transfer.TransferProgress;
import dev.s3dock.transfer.push.EagerUpload.Begun;
import dev.s3dock.transfer.push.ReuseSources.Base;
import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
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
  private final ReuseSearch reuseSources;
  private final Clock clock;
  private final TransferProgress progress;
  private final Packing packing;
  private final KnownImages known;

  public Pusher(
      ObjectStore store,
      Images images,
      AuditLog audit,
      LegacyArchives legacy,
      Catalog catalog,
      Clock clock,
      Packing packing,
      TransferProgress progress) {
    this.store = store;
    this.images = images;
    this.publication = new Publication(store, images, audit, clock, progress);
    this.legacy = legacy;
    this.reuseSources = new ReuseSearch(store, images, catalog, packing.choice());
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
    try (InFlight asked = new InFlight(1)) {
      Future<Found> looking = asked.ask(1, () -> () -> look(reference));
      EngineImage held = engine.inspect(name).orElseThrow(() -> absent(reference, name));
      Found found = InFlight.await(looking);
      Optional<Published> same = publishedAs(found.platforms, held);
      if (same.isPresent()) {
        return publication.skip(same.get());
      }
      return push(reference, engine, name, held, found);
    }
  }

  /**
   * What the bucket has.
   *
   * @param platforms of the commit
   * @param candidates that may serve as bases; not looked for where the commit is published
   */
  private record Found(List<Published> platforms, Optional<List<Base>> candidates) {}

  /** If the commit is published, then most often as this very image, and nothing more is needed. */
  private Found look(ImageReference reference) throws IOException {
    List<Published> platforms = published(reference);
    return new Found(
        platforms,
        platforms.isEmpty() && !packing.force()
            ? Optional.of(reuseSources.candidates(reference.app()))
            : Optional.empty());
  }

  private static TransferException absent(ImageReference reference, String name) {
    return new TransferException(
        TransferException.Kind.NOT_FOUND,
        "the engine has no image %s; build it (s3dock build %s), or push a saved one with --from"
            .formatted(name, reference.app()));
  }

  private PushResult push(
      ImageReference reference, Engine engine, String name, EngineImage held, Found found)
      throws IOException {
    Packing how = UploadTarget.packing(packing, found.platforms);
    ReuseSources usable =
        reuseSources(
            reference, how, found.candidates, Optional.of(held.platform()), held.diffIds());
    Export export = new Export(reference, engine, name, held, how, found.platforms);
    try {
      return push(export, usable);
    } catch (LayerMistakenException | ReuseException e) {
      progress.note(
          "%s: packing and sending everything, since %s".formatted(reference, e.getMessage()));
      return push(export, ReuseSources.NONE);
    }
  }

  /** An image that an engine is going to hand out. */
  private record Export(
      ImageReference reference,
      Engine engine,
      String name,
      EngineImage held,
      Packing how,
      List<Published> platforms) {}

  private PushResult push(Export export, ReuseSources found) throws IOException {
    ImageReference reference = export.reference;
    UploadTarget place =
        UploadTarget.of(
            reference, export.platforms, export.held.platform(), export.how.choice().algorithm());
    boolean isNew = export.platforms.isEmpty() || packing.force();
    try (EagerUpload uploadedPart =
            isNew && store.worksAhead()
                ? EagerUpload.begin(store, found, place.key(), export.held.diffIds())
                : EagerUpload.none();
        InputStream stream = export.engine.export(export.name)) {
      ImageSource source = ImageSource.ofStream(stream, export.name).withReference(export.name);
      Consumer<Digest> identified =
          imageId -> remember(export.engine, export.name, export.held, imageId);
      return push(reference, source, found, export.how, uploadedPart, identified);
    }
  }

  /** What was exported is the image that was looked at, if its name has not moved since. */
  private void remember(Engine engine, String name, EngineImage held, Digest imageId) {
    if (held.id().equals(imageId.toString())) {
      return; // the ID tells by itself
    }
    if (engine.inspect(name).map(EngineImage::id).equals(Optional.of(held.id()))) {
      known.remember(held, imageId);
    }
  }

  /**
   * None if the push is to mend what is damaged, since that could be the others, too; and none for
   * an archive of another form than the configured one.
   */
  private ReuseSources reuseSources(
      ImageReference reference,
      Packing how,
      Optional<List<Base>> candidates,
      Optional<Platform> platform,
      List<Digest> diffIds)
      throws IOException {
    if (packing.force() || !how.equals(packing)) {
      return ReuseSources.NONE;
    }
    List<Base> all =
        candidates.isPresent() ? candidates.get() : reuseSources.candidates(reference.app());
    return ReuseSearch.among(all, platform, diffIds);
  }

  /** Pushes an image out of a file or a folder, or out of an engine's export. */
  public PushResult push(ImageReference reference, ImageSource source) throws IOException {
    Packing how = UploadTarget.packing(packing, published(reference));
    ReuseSources found =
        reuseSources(reference, how, Optional.empty(), Optional.empty(), List.of());
    return push(reference, source, found, how, EagerUpload.none(), imageId -> {});
  }

  private PushResult push(
      ImageReference reference,
      ImageSource source,
      ReuseSources found,
      Packing how,
      EagerUpload uploadedPart,
      Consumer<Digest> identified)
      throws IOException {
    try (ChunkCache cache = how.openCache(clock);
        PackedImage packed = pack(how, cache, reference, source, found.leading(), uploadedPart)) {
      identified.accept(packed.imageId());
      List<Published> platforms = published(reference);
      for (Published variant : platforms) {
        if (isSame(
            variant,
            index -> index.imageId().equals(packed.imageId()),
            () -> legacy.identify(variant).imageId().equals(packed.imageId()))) {
          return publication.skip(variant);
        }
      }
      UploadTarget place =
          UploadTarget.of(reference, platforms, packed.platform(), how.choice().algorithm());
      Optional<Begun> begun = uploadedPart.end(place.key());
      try (ExecutorService keeper = Executors.newVirtualThreadPerTaskExecutor()) {
        keeper.execute(() -> packed.keepChunks(cache));
        return publication.publish(packed, found, place, begun);
      }
    }
  }

  private PackedImage pack(
      Packing how,
      ChunkCache cache,
      ImageReference reference,
      ImageSource source,
      LeadingLayers leading,
      EagerUpload uploadedPart)
      throws IOException {
    try (TransferProgress.Step step = progress.begin("pack", -1)) {
      return how.packer(cache)
          .pack(
              source,
              reference,
              leading,
              new PackingListener() {
                @Override
                public void advanced(long rawBytes) throws IOException {
                  step.advance(rawBytes);
                  uploadedPart.requireGoingWell();
                }

                @Override
                public void packed(SpooledLayer layer) {
                  uploadedPart.packed(layer);
                }
              });
    }
  }

  /** The published image that the engine's ID proves to be the same, without an export. */
  private Optional<Published> publishedAs(List<Published> platforms, EngineImage held)
      throws IOException {
    Set<String> identities = new HashSet<>(Set.of(held.id()));
    known.find(held).ifPresent(imageId -> identities.add(imageId.toString()));
    for (Published variant : platforms) {
      if (isSame(variant, index -> identities.contains(index.imageId().toString()), () -> false)) {
        return Optional.of(variant);
      }
    }
    return Optional.empty();
  }

  private List<Published> published(ImageReference reference) {
    return images.find(reference).map(images::platforms).orElse(List.of());
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
}
