package dev.s3dock.cli.bucket;

import dev.s3dock.archive.cache.ChunkCache;
import dev.s3dock.archive.cache.ChunkCache.Usage;
import dev.s3dock.cli.invocation.GlobalOptions;
import dev.s3dock.cli.render.Listing;
import dev.s3dock.cli.render.Output;
import dev.s3dock.cli.render.Sizes;
import dev.s3dock.cli.wiring.Wiring;
import dev.s3dock.engine.EngineException;
import dev.s3dock.image.AppName;
import dev.s3dock.image.Counted;
import dev.s3dock.image.FailureWords;
import dev.s3dock.image.Printable;
import dev.s3dock.transfer.LocalImages;
import dev.s3dock.transfer.LocalImages.Local;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;

/**
 * Removes images from this host's engine that it does not need, and chunks that no pull has used
 * for long; or tells which.
 */
final class EngineCleanup {
  private final GlobalOptions options;
  private final Wiring wiring;
  private final int keep;
  private final boolean apply;
  private final Duration chunkAge;
  private long removed;
  private long kept;

  EngineCleanup(GlobalOptions options, Wiring wiring, int keep, Duration chunkAge, boolean apply) {
    this.options = options;
    this.wiring = wiring;
    this.keep = keep;
    this.chunkAge = chunkAge;
    this.apply = apply;
  }

  private record Row(Local image, String result, String why) {
    String reference() {
      return image.reference().toString();
    }
  }

  /**
   * Plans or applies the cleanup of each app, and prints a row for each image.
   *
   * @param wanted the apps; none for all that the engine has
   */
  void run(List<AppName> wanted, Output output) {
    LocalImages images = new LocalImages(wiring.engine());
    Usage chunks = chunks();
    Collection<AppName> apps = wanted.isEmpty() ? images.apps() : wanted;
    Listing.<Row>of("cleanup", "images")
        .about("applied", apply)
        .column("IMAGE", "image_ref", Row::reference)
        .column("RESULT", "result", Row::result)
        .cell("WHY", row -> Printable.of(row.why()))
        .wraps()
        .field("why", Row::why)
        .total("removed", () -> removed)
        .total("kept", () -> kept)
        .total("cache_bytes", () -> chunks.bytes())
        .end(() -> tell(output, chunks))
        .print(options.process(), output, rows -> apps.forEach(app -> clean(images, app, rows)));
  }

  /** What was removed of the cache, or would be. */
  private Usage chunks() {
    Instant since = options.process().clock().instant().minus(chunkAge);
    ChunkCache cache = wiring.transfers().chunkCache();
    try {
      return apply ? cache.removeUnused(since) : cache.unused(since);
    } catch (IOException e) {
      wiring.warn("the cache of chunks cannot be cleaned up: " + FailureWords.of(e));
      return new Usage(0, 0);
    }
  }

  private void tell(Output output, Usage chunks) {
    if (output.isJson()) {
      return;
    }
    wiring.note(
        (apply ? "removed %s, %s" : "%s would be removed, %s; add --apply to remove them")
            .formatted(Counted.of(removed, "image"), Counted.of(kept, "stays", "stay")));
    if (chunks.chunks() > 0) {
      wiring.note(
          (apply ? "removed %s of the cache" : "%s of the cache would be removed")
              .formatted(Sizes.of(chunks.bytes())));
    }
  }

  private void clean(LocalImages images, AppName app, Consumer<Row> rows) {
    List<Local> judged =
        images.judge(
            app,
            keep,
            wiring.registry().neededHere(app),
            reference -> wiring.registry().images().find(reference).isPresent());
    for (Local image : judged) {
      if (image.stays().isPresent()) {
        kept++;
        rows.accept(new Row(image, "stays", image.stays().get()));
      } else if (apply) {
        remove(images, image, rows);
      } else {
        removed++;
        rows.accept(new Row(image, "would go", "not needed on this host"));
      }
    }
  }

  private void remove(LocalImages images, Local image, Consumer<Row> rows) {
    try {
      images.remove(image.reference());
      removed++;
      rows.accept(new Row(image, "removed", "not needed on this host"));
    } catch (EngineException e) {
      if (e.kind() != EngineException.Kind.FAILED) {
        throw e;
      }
      kept++;
      rows.accept(
          new Row(image, "stays", String.valueOf(e.getMessage()))); // a container uses it by now
    }
  }
}
