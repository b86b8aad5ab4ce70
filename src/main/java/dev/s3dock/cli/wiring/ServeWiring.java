package dev.s3dock.cli.wiring;

import dev.s3dock.archive.cache.ChunkCache;
import dev.s3dock.cli.invocation.ProcessContext;
import dev.s3dock.distribution.BlobReader;
import dev.s3dock.distribution.ReadOnlyStore;
import dev.s3dock.distribution.Repositories;
import dev.s3dock.distribution.server.AccessRecord;
import dev.s3dock.distribution.server.DistributionServer;
import dev.s3dock.distribution.server.ServerMetrics;
import dev.s3dock.image.AppName;
import dev.s3dock.registry.Images;
import dev.s3dock.registry.Manifests;
import dev.s3dock.registry.Pointers;
import java.time.Clock;
import java.util.Optional;
import java.util.Set;

/** Makes the parts of a server, over a bucket that they only read. */
public final class ServeWiring implements AutoCloseable {
  private static final long LEAST_MEMORY = 32 << 20;
  private static final long MOST_MEMORY = 512 << 20;

  private final Clock clock;
  private final ServerMetrics metrics = new ServerMetrics();
  private final Repositories repositories;
  private final BlobReader blobs;

  /**
   * Serves the bucket of the options.
   *
   * @param apps that may be asked for; empty for all
   * @param cache of what was fetched
   */
  public ServeWiring(
      Wiring wiring, ProcessContext process, Optional<Set<AppName>> apps, ChunkCache cache) {
    this.clock = process.clock();
    ReadOnlyStore store = new ReadOnlyStore(wiring.store(), metrics::asked);
    Images images = new Images(store, clock);
    Pointers pointers = wiring.registry().pointers(store);
    int retries = wiring.settings().retryCount();
    this.repositories =
        new Repositories(store, images, new Manifests(store, clock), pointers, apps, retries);
    BlobReader.Caching caching = new BlobReader.Caching(cache, metrics::looked);
    this.blobs =
        new BlobReader(store, images, TransferWiring.spool(process), caching, retries, memory());
  }

  /** A third of the heap: as much again is garbage, and the rest is for all else. */
  private static long memory() {
    return Math.clamp(Runtime.getRuntime().maxMemory() / 3, LEAST_MEMORY, MOST_MEMORY);
  }

  public Repositories repositories() {
    return repositories;
  }

  /** For a server; the log is told of its requests. */
  public DistributionServer.Parts parts(AccessRecord.Log log) {
    return new DistributionServer.Parts(repositories, blobs, metrics, log, clock);
  }

  @Override
  public void close() {
    blobs.close();
  }
}
