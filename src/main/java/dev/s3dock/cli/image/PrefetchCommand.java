package dev.s3dock.cli.image;

import dev.s3dock.archive.cache.ChunkCache;
import dev.s3dock.cli.invocation.UsageException;
import dev.s3dock.cli.render.Output;
import dev.s3dock.cli.render.Sizes;
import dev.s3dock.cli.wiring.Action;
import dev.s3dock.cli.wiring.ImageWords;
import dev.s3dock.cli.wiring.Wiring;
import dev.s3dock.engine.Engine;
import dev.s3dock.registry.Published;
import dev.s3dock.registry.Resolver.Resolved;
import dev.s3dock.transfer.pull.PullResult;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
    name = "prefetch",
    customSynopsis = {
      "s3dock prefetch [OPTIONS] REF",
      "s3dock prefetch [OPTIONS] [APP] ENVIRONMENT|VERSION|stamp-hash"
    },
    description = {
      "Fetch what a later pull or deployment on this host will need.",
      "The image's chunks go to the cache of this host, verified; the engine is asked which layers it has, and gets nothing. See cache.path and cache.size of the configuration."
    },
    footerHeading = "%nExample:%n",
    footer = "  s3dock prefetch myapp v1.3.0")
public final class PrefetchCommand extends Action {
  @Mixin ImageWords words = new ImageWords();

  @Override
  protected void run(Wiring wiring, Output output) throws IOException {
    ChunkCache cache = wiring.transfers().chunkCache();
    if (!cache.isUsed()) {
      throw new UsageException(
          "this host keeps no chunks: set cache.size above 0, and see `s3dock doctor`");
    }
    Resolved resolved = words.resolve(wiring, names(wiring));
    Engine engine = wiring.engine();
    Published image =
        wiring.transfers().platforms().pick(resolved.image(), engine.info().platform());
    PullResult fetched = wiring.transfers().puller().prefetch(image, engine);
    if (cache.isPaused()) {
      wiring.warn("not all of it is kept: the cache is full of what was used just now");
    }
    String reference = image.key().reference().toString();
    output.result(
        "prefetch",
        fetched.skipped()
            ? reference + " is already in the engine"
            : "%s can be pulled (%s fetched, %s were there)"
                .formatted(
                    reference,
                    Sizes.of(fetched.bytesFetched()),
                    Sizes.of(fetched.bytesCached() + fetched.bytesSaved())),
        data -> {
          data.writeStringField("image_ref", reference);
          data.writeStringField("source", resolved.source());
          data.writeStringField("source_type", resolved.sourceType());
          data.writeBooleanField("skipped", fetched.skipped());
          data.writeBooleanField("kept", !cache.isPaused());
          data.writeNumberField("bytes_fetched", fetched.bytesFetched());
          data.writeNumberField("bytes_saved", fetched.bytesSaved());
          data.writeNumberField("bytes_cached", fetched.bytesCached());
        });
  }
}
