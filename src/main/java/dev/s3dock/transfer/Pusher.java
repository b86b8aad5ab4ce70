package dev.s3dock.transfer;

import dev.s3dock.archive.ArchiveIndex;
import dev.s3dock.archive.CorruptArchiveException;
import dev.s3dock.archive.ImageSource;
import dev.s3dock.archive.LayerMistakenException;
import dev.s3dock.archive.LeadingLayers;
import dev.s3dock.archive.MemberCache;
import dev.s3dock.archive.PackedImage;
import dev.s3dock.archive.PackingListener;
import dev.s3dock.archive.SpooledLayer;
import dev.s3dock.engine.Engine;
import dev.s3dock.engine.EngineImage;
import dev.s3dock.image.Digest;
import dev.s3dock.image.ImageReference;
import dev.s3dock.image.Platform;
import dev.s3dock.registry.AuditLog;
import dev.s3dock.registry.Catalog;
import dev.s3dock.registry.Images;
import dev.s3dock.registry.Images.Published;
import dev.s3dock.store.ObjectStore;
import dev.s3dock.transfer.Bases.Base;
import dev.s3dock.transfer.HeadStart.Begun;
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
  private final BaseSearch bases;
  private final Clock clock;
  private final Progress progress;
  private final Packing packing;
  private final KnownImages known;

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
    this.bases = new BaseSearch(store, images, catalog, packing.choice());
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
      Optional<Published> same = publishedAs(found.variants, held);
      if (same.isPresent()) {
        return publication.skip(same.get());
      }
      return push(reference, engine, name, held, found);
    }
  }

  /**
   * What the bucket has.
   *
   * @param variants of the commit
   * @param candidates that may serve as bases; not looked for where the commit is published
   */
  private record Found(List<Published> variants, Optional<List<Base>> candidates) {}

  /** If the commit is published, then most often as this very image, and nothing more is needed. */
  private Found look(ImageReference reference) throws IOException {
    List<Published> variants = published(reference);
    return new Found(
        variants,
        variants.isEmpty() && !packing.force()
            ? Optional.of(bases.candidates(reference.app()))
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
    Packing how = Placement.packing(packing, found.variants);
    Bases usable =
        bases(reference, how, found.candidates, Optional.of(held.platform()), held.diffIds());
    Export export = new Export(reference, engine, name, held, how, found.variants);
    try {
      return push(export, usable);
    } catch (LayerMistakenException | BaseUnusableException e) {
      progress.note(
          "%s: packing and sending everything, since %s".formatted(reference, e.getMessage()));
      return push(export, Bases.NONE);
    }
  }

  /** An image that an engine is going to hand out. */
  private record Export(
      ImageReference reference,
      Engine engine,
      String name,
      EngineImage held,
      Packing how,
      List<Published> variants) {}

  private PushResult push(Export export, Bases found) throws IOException {
    ImageReference reference = export.reference;
    Placement place =
        Placement.of(
            reference, export.variants, export.held.platform(), export.how.choice().algorithm());
    boolean isNew = export.variants.isEmpty() || packing.force();
    try (HeadStart ahead =
            isNew && store.worksAhead()
                ? HeadStart.begin(store, found, place.key(), export.held.diffIds())
                : HeadStart.none();
        InputStream stream = export.engine.export(export.name)) {
      ImageSource source = ImageSource.ofStream(stream, export.name).withReference(export.name);
      Consumer<Digest> identified =
          imageId -> remember(export.engine, export.name, export.held, imageId);
      return push(reference, source, found, export.how, ahead, identified);
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
  private Bases bases(
      ImageReference reference,
      Packing how,
      Optional<List<Base>> candidates,
      Optional<Platform> platform,
      List<Digest> diffIds)
      throws IOException {
    if (packing.force() || !how.equals(packing)) {
      return Bases.NONE;
    }
    List<Base> all = candidates.isPresent() ? candidates.get() : bases.candidates(reference.app());
    return BaseSearch.among(all, platform, diffIds);
  }

  /** Pushes an image out of a file or a folder, or out of an engine's export. */
  public PushResult push(ImageReference reference, ImageSource source) throws IOException {
    Packing how = Placement.packing(packing, published(reference));
    Bases found = bases(reference, how, Optional.empty(), Optional.empty(), List.of());
    return push(reference, source, found, how, HeadStart.none(), imageId -> {});
  }

  private PushResult push(
      ImageReference reference,
      ImageSource source,
      Bases found,
      Packing how,
      HeadStart ahead,
      Consumer<Digest> identified)
      throws IOException {
    try (MemberCache cache = how.openCache(clock);
        PackedImage packed = pack(how, cache, reference, source, found.leading(), ahead)) {
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
      Placement place =
          Placement.of(reference, variants, packed.platform(), how.choice().algorithm());
      Optional<Begun> begun = ahead.end(place.key());
      try (ExecutorService keeper = Executors.newVirtualThreadPerTaskExecutor()) {
        keeper.execute(() -> packed.keepMembers(cache));
        return publication.publish(packed, found, place, begun);
      }
    }
  }

  private PackedImage pack(
      Packing how,
      MemberCache cache,
      ImageReference reference,
      ImageSource source,
      LeadingLayers leading,
      HeadStart ahead)
      throws IOException {
    try (Progress.Step step = progress.begin("pack", -1)) {
      return how.packer(cache)
          .pack(
              source,
              reference,
              leading,
              new PackingListener() {
                @Override
                public void advanced(long rawBytes) throws IOException {
                  step.advance(rawBytes);
                  ahead.requireGoingWell();
                }

                @Override
                public void packed(SpooledLayer layer) {
                  ahead.packed(layer);
                }
              });
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
}
