package dev.s3dock.transfer.pull;

import dev.s3dock.archive.ArchiveIndex;
import dev.s3dock.archive.cache.ChunkCache;
import dev.s3dock.archive.read.ArchiveReader;
import dev.s3dock.archive.read.ChunkFetcher;
import dev.s3dock.archive.source.ImageSummary;
import dev.s3dock.engine.Engine;
import dev.s3dock.image.Digest;
import dev.s3dock.image.ImageReference;
import dev.s3dock.registry.Images;
import dev.s3dock.registry.Published;
import dev.s3dock.store.ObjectStat;
import dev.s3dock.store.ObjectStore;
import dev.s3dock.transfer.ArchiveDownload;
import dev.s3dock.transfer.ArchiveFile;
import dev.s3dock.transfer.LegacyArchives;
import dev.s3dock.transfer.PublishedIndex;
import dev.s3dock.transfer.TransferException;
import dev.s3dock.transfer.TransferProgress;
import dev.s3dock.transfer.loopback.PullEndpoint;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.Set;

/**
 * Brings a published image into an engine. Nothing is trusted before it is verified: each chunk by
 * its SHA-256, each layer by its diff_id, the config by the image's identity, and in the end the
 * engine is asked what it holds.
 */
public final class Puller {

  private final ObjectStore store;
  private final Images images;
  private final LegacyArchives legacy;
  private final int retries;
  private final int threads;
  private final ChunkCache cache;
  private final TransferProgress progress;
  private final Optional<PullEndpoint> endpoint;

  /** One whose engines are given all that they lack, since nothing is there for them to pull. */
  public Puller(
      ObjectStore store,
      Images images,
      LegacyArchives legacy,
      int retries,
      int threads,
      ChunkCache cache,
      TransferProgress progress) {
    this(store, images, legacy, retries, threads, cache, progress, Optional.empty());
  }

  /**
   * Pulls from this store; {@code legacy} reads archives of the original s3dock.
   *
   * @param retries how often a broken range is read again
   * @param threads that decompress
   * @param cache of what was pulled before, for engines and layouts
   * @param endpoint from which engines of this machine pull
   */
  public Puller(
      ObjectStore store,
      Images images,
      LegacyArchives legacy,
      int retries,
      int threads,
      ChunkCache cache,
      TransferProgress progress,
      Optional<PullEndpoint> endpoint) {
    this.store = store;
    this.images = images;
    this.legacy = legacy;
    this.retries = retries;
    this.threads = threads;
    this.cache = cache;
    this.progress = progress;
    this.endpoint = endpoint;
  }

  /**
   * Brings the image into the engine, under its reference. Layers that the engine has are not
   * fetched, unless it refuses an archive without them.
   */
  public PullResult pull(Published image, Engine engine) throws IOException {
    return PublishedRead.of(
        images,
        image,
        now -> {
          Optional<ArchiveIndex> index = PublishedIndex.of(now);
          return index.isPresent()
              ? pullIndexed(now, index.get(), engine)
              : pullLegacy(now, engine);
        });
  }

  /**
   * True if the engine holds the image already, under its reference and the right identity. An
   * archive of the original does not tell its identity, so the reference alone decides for it.
   */
  public boolean isHeld(Published image, Engine engine) throws IOException {
    return PublishedRead.of(
        images,
        image,
        now -> {
          ImageReference reference = now.key().reference();
          Optional<ArchiveIndex> index = PublishedIndex.of(now);
          if (index.isEmpty()) {
            return engine.inspect(reference.toString()).isPresent();
          }
          ObjectStat archive = ArchiveFile.archiveOf(store, now);
          ArchiveReader reader = reader(now, index.get(), archive, new ByteCounter());
          return new EngineLoad(engine, reference, index.get(), reader, endpoint).isHeld();
        });
  }

  /**
   * Brings into the cache what a pull into this engine would fetch, and the engine nothing.
   *
   * @throws TransferException {@link TransferException.Kind.REFUSED} for an archive of the
   *     original, which has no chunks
   */
  public PullResult prefetch(Published image, Engine engine) throws IOException {
    return PublishedRead.of(
        images,
        image,
        now -> {
          ArchiveIndex index =
              PublishedIndex.of(now)
                  .orElseThrow(
                      () ->
                          new TransferException(
                              TransferException.Kind.REFUSED,
                              "%s is an archive of the original s3dock, which cannot be fetched in parts; pull it"
                                  .formatted(now.archive())));
          ByteCounter counter = new ByteCounter();
          return load(now, index, engine, counter).prefetch(progress, counter);
        });
  }

  private PullResult pullIndexed(Published image, ArchiveIndex index, Engine engine)
      throws IOException {
    ByteCounter counter = new ByteCounter();
    return load(image, index, engine, counter).run(progress, counter);
  }

  private EngineLoad load(Published image, ArchiveIndex index, Engine engine, ByteCounter counter) {
    ObjectStat archive = ArchiveFile.archiveOf(store, image);
    ArchiveReader reader = reader(image, index, archive, counter);
    return new EngineLoad(engine, image.key().reference(), index, reader, endpoint);
  }

  private ArchiveReader reader(
      Published image, ArchiveIndex index, ObjectStat archive, ByteCounter counter) {
    return new ArchiveReader(
        index,
        image.key().reference(),
        new ChunkFetcher(new ArchiveDownload(store, archive, retries, counter), cache, counter),
        threads);
  }

  private PullResult pullLegacy(Published image, Engine engine) throws IOException {
    boolean skipped = legacy.download(image, file -> loadLegacy(image, file, engine));
    return new PullResult(skipped, image.metadata().size(), 0);
  }

  /** True if the engine held it already. */
  private boolean loadLegacy(Published image, Path file, Engine engine) throws IOException {
    ImageReference reference = image.key().reference();
    ImageSummary summary = LegacyArchives.verified(file, image);
    EngineImages held = new EngineImages(engine);
    if (held.holds(reference.toString(), summary.imageId(), summary::imageId)) {
      return true;
    }
    try (WatchedStream tar =
        new WatchedStream(
            new BufferedInputStream(Files.newInputStream(file)), progress, 0, () -> {})) {
      tar.load(engine);
    }
    nameLegacy(engine, summary, reference);
    if (!held.holds(reference.toString(), summary.imageId(), summary::imageId)) {
      throw EngineLoad.notHeld(reference);
    }
    return false;
  }

  /** The archive may carry another name, such as one with a registry in front. */
  private static void nameLegacy(Engine engine, ImageSummary summary, ImageReference reference) {
    for (String carried : summary.references()) {
      if (!carried.equals(reference.toString())) {
        engine.inspect(carried).ifPresent(image -> engine.tag(image.id(), reference.toString()));
      }
    }
    if (engine.inspect(reference.toString()).isEmpty()) {
      engine
          .inspect(summary.imageId().toString())
          .ifPresent(image -> engine.tag(image.id(), reference.toString()));
    }
  }

  /**
   * Writes the archive, as it is stored, to a file. The file appears complete and verified, or not
   * at all. What an older archive in its place has in common with it is not fetched, nor what an
   * interrupted run has fetched. Nothing but a regular file is replaced: a link stays, and what is
   * behind it is replaced; into a pipe or a device the archive is written, as to a stream.
   *
   * @throws FileSystemException if the place is a link that leads nowhere
   */
  public PullResult pullToFile(Published image, Path target) throws IOException {
    if (Files.exists(target) && !Files.isRegularFile(target)) {
      try (OutputStream out = Files.newOutputStream(target, StandardOpenOption.WRITE)) {
        return pullToStream(image, out);
      }
    }
    if (Files.isSymbolicLink(target) && !Files.exists(target)) {
      throw new FileSystemException(
          target.toString(), null, "is a link that leads nowhere; remove it");
    }
    Path file = Files.exists(target) ? target.toRealPath() : target.toAbsolutePath();
    FilePull pull = new FilePull(store, retries, threads, progress);
    return PublishedRead.of(images, image, now -> pull.run(now, file));
  }

  /** Writes the archive, as it is stored, to a stream: nothing before all of it is verified. */
  public PullResult pullToStream(Published image, OutputStream out) throws IOException {
    FileProof proof = new FileProof(threads);
    return PublishedRead.of(
        images,
        image,
        now ->
            legacy.download(
                now,
                file -> {
                  proof.require(now, file);
                  Files.copy(file, out);
                  return new PullResult(false, now.metadata().size(), 0);
                }));
  }

  /** Writes the image as an OCI image layout into a folder. */
  public PullResult pullToLayout(Published image, Path folder) throws IOException {
    return PublishedRead.of(
        images,
        image,
        now -> {
          Optional<ArchiveIndex> index = PublishedIndex.of(now);
          if (index.isEmpty()) {
            legacy.writeLayout(now, folder, threads);
            return new PullResult(false, now.metadata().size(), 0);
          }
          ObjectStat archive = ArchiveFile.archiveOf(store, now);
          ByteCounter counter = new ByteCounter();
          try (TransferProgress.Step step = progress.begin("download", archive.size())) {
            counter.show(step);
            Set<Digest> held = reader(now, index.get(), archive, counter).writeOciLayout(folder);
            return new PullResult(
                false, counter.fetched(), index.get().length(held), counter.cached());
          }
        });
  }
}
