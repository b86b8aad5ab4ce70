package dev.s3dock.cli.wiring;

import dev.s3dock.archive.Compression;
import dev.s3dock.archive.cache.ChunkCache;
import dev.s3dock.archive.cache.ChunkCache.Limit;
import dev.s3dock.cli.invocation.ProcessContext;
import dev.s3dock.cli.invocation.UsageException;
import dev.s3dock.config.ProxyVariables;
import dev.s3dock.config.Settings;
import dev.s3dock.config.Trust;
import dev.s3dock.distribution.client.Access;
import dev.s3dock.distribution.client.Routes;
import dev.s3dock.distribution.copy.BucketCopy;
import dev.s3dock.distribution.copy.InwardCopy;
import dev.s3dock.distribution.copy.OutwardCopy;
import dev.s3dock.distribution.loopback.JettyLoopback;
import dev.s3dock.engine.docker.api.DockerAddress;
import dev.s3dock.login.DockerLogins;
import dev.s3dock.store.ObjectStore;
import dev.s3dock.transfer.LegacyArchives;
import dev.s3dock.transfer.TransferProgress;
import dev.s3dock.transfer.pull.Inspector;
import dev.s3dock.transfer.pull.PlatformSelector;
import dev.s3dock.transfer.pull.Puller;
import dev.s3dock.transfer.push.Packing;
import dev.s3dock.transfer.push.Pusher;
import dev.s3dock.verify.Finding;
import dev.s3dock.verify.Verifier;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What moves images, or reads them: pushes, pulls, copies, verification, and their caches. */
public final class TransferWiring {
  /** How long a registry may say nothing: it may compute the digest of a large blob. */
  private static final Duration REGISTRY_IDLE = Duration.ofMinutes(5);

  /** A quarter of what is free without the cache, at the most. */
  private static final int PART_OF_FREE = 4;

  /** Where Docker looks, too. */
  private static final Path REGISTRY_AUTHORITIES = Path.of("/etc/docker/certs.d");

  private final Wiring wiring;
  private final RegistryWiring registry;
  private final ProcessContext process;
  private final Settings settings;
  private final TransferProgress progress;
  private final Consumer<String> warnings;
  private @Nullable ChunkCache chunks;

  /**
   * Opens nothing yet.
   *
   * @param warnings is told what a user should know of and the command can do without
   */
  TransferWiring(
      Wiring wiring, ProcessContext process, TransferProgress progress, Consumer<String> warnings) {
    this.wiring = wiring;
    this.registry = wiring.registry();
    this.process = process;
    this.settings = wiring.settings();
    this.progress = progress;
    this.warnings = warnings;
  }

  /** What shows how transfers go on. */
  public TransferProgress progress() {
    return progress;
  }

  public PlatformSelector platforms() {
    return new PlatformSelector(registry.images());
  }

  /**
   * Publishes.
   *
   * @param force sends also what is published already
   */
  public Pusher pusher(boolean force) {
    Packing packing =
        new Packing(
            spool(process),
            Compression.Choice.parse(settings.compression()),
            threads(),
            force,
            wiring.stores().cache(),
            settings.cacheBytes());
    return new Pusher(
        wiring.storeToFill(),
        registry.images(),
        registry.audit(),
        legacy(progress),
        registry.catalog(),
        process.clock(),
        packing,
        progress,
        Optional.of(new JettyLoopback()));
  }

  public Puller puller() {
    return puller(progress);
  }

  /** One that tells somebody else. */
  Puller puller(TransferProgress told) {
    return new Puller(
        wiring.store(),
        registry.images(),
        legacy(told),
        settings.retryCount(),
        threads(),
        chunkCache(),
        told,
        Optional.of(new JettyLoopback()));
  }

  private LegacyArchives legacy(TransferProgress told) {
    return new LegacyArchives(wiring.store(), spool(process), settings.retryCount(), told);
  }

  /** What this host keeps of what it has pulled. */
  public ChunkCache chunkCache() {
    if (chunks == null) {
      chunks =
          settings.chunkBytes() == 0
              ? ChunkCache.none()
              : cacheAt(
                  StoreWiring.chunksOf(process, settings.chunkFolder()),
                  chunkLimit(settings.chunkBytes()));
    }
    return chunks;
  }

  /**
   * A cache of chunks in a folder; one that holds nothing, with a warning, if somebody else could
   * have filled it.
   */
  public ChunkCache cacheAt(Path folder, Limit limit) {
    Optional<String> objection = Trust.objection(folder);
    objection.ifPresent(
        reason ->
            warnings.accept(
                "the cache %s is not used: %s; let it belong to this user, writable by nobody else"
                    .formatted(folder, reason)));
    return objection.isEmpty()
        ? ChunkCache.open(folder, limit, process.clock(), warnings)
        : ChunkCache.none();
  }

  /** How much pulls keep, where so much is configured. */
  public static Limit chunkLimit(long bytes) {
    return new Limit(bytes, PART_OF_FREE);
  }

  /** Copies from another bucket into this one. */
  public BucketCopy bucketCopy(Wiring from) {
    if (wiring.isSameBucket(from)) {
      throw new UsageException(
          "both buckets are %s: name another one with --from-profile or --to-profile"
              .formatted(wiring.store().describe()));
    }
    ObjectStore target = wiring.storeToFill();
    return new BucketCopy(
        from.store(), target, registry.images(), registry.audit(), settings.retryCount(), progress);
  }

  /** Copies to registries. */
  public OutwardCopy outwardCopy() {
    return new OutwardCopy(
        wiring.store(), registry.images(), settings.retryCount(), threads(), progress);
  }

  /** Copies from registries. */
  public InwardCopy inwardCopy() {
    Pusher pusher = pusher(false);
    return new InwardCopy(registry.images(), pusher, progress);
  }

  /**
   * How registries are reached.
   *
   * @param plainHttp without TLS
   */
  public Access registryAccess(boolean plainHttp) {
    return new Access(
        new DockerLogins(DockerAddress.configFolder(process.environment()), process.environment()),
        plainHttp,
        settings.retryCount(),
        REGISTRY_IDLE,
        TransferWiring::pause,
        new Routes(
            address -> ProxyVariables.proxy(process.environment(), address), REGISTRY_AUTHORITIES));
  }

  public Inspector inspector() {
    return new Inspector(
        wiring.store(), registry.images(), registry.catalog(), settings.retryCount());
  }

  /**
   * Verifies what is stored.
   *
   * @param deep reads all bytes of the archives
   */
  public Verifier verifier(boolean deep, Consumer<Finding> findings) {
    return new Verifier(
        wiring.store(),
        registry.images(),
        registry.pointers(),
        registry.catalog(),
        process.clock(),
        TransferWiring::pause,
        new Verifier.Reading(deep, settings.retryCount(), threads(), Verifier.AT_ONCE, progress),
        findings);
  }

  private static void pause(Duration time) {
    try {
      Thread.sleep(time);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancellationException("interrupted");
    }
  }

  /** Where temporary files go. */
  public static Path spool(ProcessContext process) {
    String configured = process.environment().getOrDefault("TMPDIR", "");
    return Path.of(configured.isEmpty() ? System.getProperty("java.io.tmpdir") : configured);
  }

  private int threads() {
    return settings.threads().orElseGet(() -> Runtime.getRuntime().availableProcessors());
  }
}
