package dev.s3dock.transfer.push;

import dev.s3dock.engine.Engine;
import dev.s3dock.engine.EngineImage;
import dev.s3dock.image.Digest;
import dev.s3dock.image.ImageReference;
import dev.s3dock.registry.BucketLayout;
import dev.s3dock.registry.Images;
import dev.s3dock.registry.Published;
import dev.s3dock.transfer.InFlight;
import dev.s3dock.transfer.TransferException;
import dev.s3dock.transfer.export.LayerExport;
import dev.s3dock.transfer.push.ReuseSources.Base;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Future;

/**
 * What store and engine are asked before anything is exported, as much of it as possible at the
 * same time: whether the image is published, and what the bucket has of it.
 */
final class PushLookup {
  private static final int LOOKS = 3;

  private final Images images;
  private final Publication publication;
  private final ReuseSearch search;
  private final Identities identities;
  private final Packing packing;
  private final boolean takesLayers;

  /**
   * Looks in one bucket.
   *
   * @param takesLayers true if an engine can push single layers to this process
   */
  PushLookup(
      Images images,
      Publication publication,
      ReuseSearch search,
      Identities identities,
      Packing packing,
      boolean takesLayers) {
    this.images = images;
    this.publication = publication;
    this.search = search;
    this.identities = identities;
    this.packing = packing;
    this.takesLayers = takesLayers;
  }

  /** What comes of it: nothing is left to do, or an image is to be exported. */
  sealed interface Outcome {
    /** The image is published. */
    record Skipped(PushResult result) implements Outcome {}

    /** It is not. */
    record Missing(EngineExport export) implements Outcome {}
  }

  /**
   * Looks for an image that an engine holds.
   *
   * @param name what the engine calls it
   * @throws TransferException {@link TransferException.Kind#NOT_FOUND} if it holds no such image
   */
  Outcome look(ImageReference reference, Engine engine, String name) throws IOException {
    try (InFlight asked = new InFlight(LOOKS)) {
      Future<Found> looking = asked.ask(1, () -> () -> find(reference));
      EngineImage held = engine.inspect(name).orElseThrow(() -> absent(reference, name));
      Found found = InFlight.await(looking);
      if (!packing.force()) {
        Optional<PushResult> skipped = skip(found.first, held, asked);
        if (skipped.isPresent()) {
          return new Outcome.Skipped(skipped.get());
        }
      }
      Future<Long> bytes = asked.ask(1, () -> () -> engine.layerBytes(held.id()));
      Future<Boolean> handsOut = asked.ask(1, () -> () -> takesLayers && engine.handsOutLayers());
      List<Published> platforms = found.first.map(images::platforms).orElse(List.of());
      if (platforms.size() > 1 && !packing.force()) {
        Optional<Published> same = identities.find(platforms, held);
        if (same.isPresent()) {
          return new Outcome.Skipped(publication.skip(same.get()));
        }
      }
      ReuseSources reuse = reuse(held, platforms, found.candidates, reference);
      long total = InFlight.await(bytes);
      boolean byLayers = LayerExport.pays(total, reuse.leading()) && InFlight.await(handsOut);
      return new Outcome.Missing(
          new EngineExport(reference, engine, name, held, platforms, reuse, total, byLayers));
    }
  }

  private static TransferException absent(ImageReference reference, String name) {
    return new TransferException(
        TransferException.Kind.NOT_FOUND,
        "the engine has no image %s; build it (s3dock build %s), or push a saved one with --from"
            .formatted(name, reference.app()));
  }

  /**
   * What the bucket has.
   *
   * @param first platform of the commit that was published
   * @param candidates that may serve as bases; not looked for where the commit is published
   */
  private record Found(Optional<Published> first, Optional<List<Base>> candidates) {}

  /** If the commit is published, then most often as this very image, and nothing more is needed. */
  private Found find(ImageReference reference) throws IOException {
    Optional<Published> usual = images.at(BucketLayout.image(reference));
    if (usual.isPresent()) {
      return new Found(usual, Optional.empty());
    }
    if (packing.force()) {
      return new Found(images.findElsewhere(reference), Optional.empty());
    }
    try (InFlight asked = new InFlight(1)) {
      Future<List<Base>> candidates = asked.ask(1, () -> () -> search.candidates(reference.app()));
      Optional<Published> elsewhere = images.findElsewhere(reference);
      return new Found(
          elsewhere,
          elsewhere.isPresent() ? Optional.empty() : Optional.of(InFlight.await(candidates)));
    }
  }

  /** Ends the push if this very image is published. Whether it is whole is asked meanwhile. */
  private Optional<PushResult> skip(Optional<Published> published, EngineImage held, InFlight asked)
      throws IOException {
    Optional<Published> same = published.filter(image -> identities.seemsSame(image, held));
    if (same.isEmpty()) {
      return Optional.empty();
    }
    Future<Boolean> whole = asked.ask(1, () -> () -> identities.isWhole(same.get()));
    Optional<String> unrecorded = images.writes().ensureManifest(same.get());
    return InFlight.await(whole)
        ? Optional.of(publication.skip(same.get(), unrecorded))
        : Optional.empty();
  }

  private ReuseSources reuse(
      EngineImage held,
      List<Published> platforms,
      Optional<List<Base>> candidates,
      ImageReference reference)
      throws IOException {
    if (!mayReuse(UploadTarget.packing(packing, platforms))) {
      return ReuseSources.NONE;
    }
    List<Base> all = candidates.isPresent() ? candidates.get() : search.candidates(reference.app());
    List<Digest> diffIds = held.diffIds();
    ReuseSources own = ReuseSearch.among(all, Optional.of(held.platform()), diffIds);
    return search.withOthers(own, diffIds);
  }

  /**
   * Nothing is reused if the push is to mend what is damaged, since that could be the others, too;
   * and nothing for an archive of another form than the configured one.
   */
  boolean mayReuse(Packing how) {
    return !packing.force() && how.equals(packing);
  }
}
