package dev.s3dock.transfer.pull;

import dev.s3dock.archive.ArchiveIndex;
import dev.s3dock.archive.LayerEntry;
import dev.s3dock.archive.read.ArchiveReader;
import dev.s3dock.engine.Engine;
import dev.s3dock.engine.EngineException;
import dev.s3dock.image.Counted;
import dev.s3dock.image.Digest;
import dev.s3dock.image.ImageReference;
import dev.s3dock.transfer.TransferException;
import dev.s3dock.transfer.TransferProgress;
import dev.s3dock.transfer.loopback.LoopbackNames;
import dev.s3dock.transfer.loopback.PullEndpoint;
import java.io.IOException;
import java.util.Optional;
import java.util.Set;

/**
 * Brings one archive with an index into an engine: lets the engine pull it where that is possible,
 * or loads it: first without the layers that the engine seems to have, and, if it does not end up
 * with the whole image, with all of them.
 */
final class EngineLoad {
  private final Engine engine;
  private final EngineImages images;
  private final ImageReference reference;
  private final ArchiveIndex index;
  private final ArchiveReader reader;
  private final Optional<PullEndpoint> endpoint;

  EngineLoad(
      Engine engine,
      ImageReference reference,
      ArchiveIndex index,
      ArchiveReader reader,
      Optional<PullEndpoint> endpoint) {
    this.engine = engine;
    this.images = new EngineImages(engine);
    this.reference = reference;
    this.index = index;
    this.reader = reader;
    this.endpoint = endpoint;
  }

  /**
   * Brings the image, unless the engine holds it.
   *
   * @param counter what the reader fetches
   * @throws TransferException {@link TransferException.Kind#INTEGRITY} if the engine does not hold
   *     it afterwards
   */
  PullResult run(TransferProgress progress, ByteCounter counter) throws IOException {
    if (isHeld()) {
      endpoint.ifPresent(at -> LoopbackNames.sweep(engine, reference.toString()));
      return new PullResult(true, counter.fetched(), index.size());
    }
    Set<Digest> spared = spared();
    Optional<Set<Digest>> known = pull(spared, progress, counter);
    if (known.isPresent() && isHeld()) {
      return new PullResult(false, counter.fetched(), index.length(known.get()), counter.cached());
    }
    if (!spared.isEmpty() && loadWithout(spared, progress, counter)) {
      return new PullResult(false, counter.fetched(), index.length(spared), counter.cached());
    }
    load(Set.of(), progress, counter);
    if (!isHeld()) {
      throw notHeld(reference);
    }
    return new PullResult(false, counter.fetched(), 0, counter.cached());
  }

  private Optional<Set<Digest>> pull(
      Set<Digest> spared, TransferProgress progress, ByteCounter counter) throws IOException {
    return endpoint.isEmpty()
        ? Optional.empty()
        : new EnginePull(
                endpoint.get(), engine, images.kind(), reference, index, reader, EnginePull.FIND)
            .run(spared, progress, counter);
  }

  /** Reads what the engine lacks, for the reader to keep; the engine gets nothing. */
  PullResult prefetch(TransferProgress progress, ByteCounter counter) throws IOException {
    if (isHeld()) {
      return new PullResult(true, counter.fetched(), index.size());
    }
    Set<Digest> spared = spared();
    long saved = index.length(spared);
    try (TransferProgress.Step step = progress.begin("download", index.size() - saved)) {
      step.saved(saved);
      counter.show(step);
      reader.readLayers(layer -> !spared.contains(layer));
    }
    return new PullResult(false, counter.fetched(), saved, counter.cached());
  }

  private Set<Digest> spared() throws IOException {
    return new HeldLayers(engine, images.kind()).among(reader.diffIds(), reference.app());
  }

  /** True if the engine holds the image already, whole and under its reference. */
  boolean isHeld() throws IOException {
    return images.holds(reference.toString(), index.imageId(), reader::manifestDigest);
  }

  /** False if the engine needs the other layers too. */
  private boolean loadWithout(Set<Digest> spared, TransferProgress progress, ByteCounter counter)
      throws IOException {
    String reason = "parts of the image are missing";
    try {
      load(spared, progress, counter);
      if (isHeld()) {
        return true;
      }
    } catch (EngineException e) {
      if (e.kind() != EngineException.Kind.LOAD_REFUSED) {
        throw e;
      }
      reason = e.getMessage();
    }
    progress.detail(
        "%s: left out %s because the engine seemed to have them, but %s; fetching everything"
            .formatted(reference, Counted.of(spared.size(), "layer"), reason));
    return false;
  }

  private void load(Set<Digest> spared, TransferProgress progress, ByteCounter counter)
      throws IOException {
    long saved = index.length(spared);
    long loaded =
        index.layers().stream()
            .filter(layer -> !spared.contains(layer.diffId()))
            .mapToLong(LayerEntry::size)
            .sum();
    try (TransferProgress.Step step = progress.begin("download", index.size() - saved);
        WatchedStream tar =
            new WatchedStream(
                reader.openTar(layer -> !spared.contains(layer)), progress, loaded, step::close)) {
      step.saved(saved);
      counter.show(step);
      tar.load(engine);
    }
  }

  /** The engine took in something else. */
  static TransferException notHeld(ImageReference reference) {
    return new TransferException(
        TransferException.Kind.INTEGRITY,
        "the engine loaded the archive, but %s has another image id in the engine; do not run it"
            .formatted(reference));
  }
}
