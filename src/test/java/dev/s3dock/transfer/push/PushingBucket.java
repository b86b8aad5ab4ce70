package dev.s3dock.transfer.push;

import dev.s3dock.archive.ArchiveIndex;
import dev.s3dock.archive.Compression;
import dev.s3dock.archive.read.ArchiveReader;
import dev.s3dock.image.ImageReference;
import dev.s3dock.registry.Actor;
import dev.s3dock.registry.Catalog;
import dev.s3dock.registry.Images;
import dev.s3dock.registry.Pointers;
import dev.s3dock.registry.Published;
import dev.s3dock.registry.audit.AuditLog;
import dev.s3dock.store.ByteRange;
import dev.s3dock.store.ObjectStat;
import dev.s3dock.store.ObjectStore;
import dev.s3dock.testing.TestTar;
import dev.s3dock.testing.engine.ImageSpec;
import dev.s3dock.testing.engine.TestImages;
import dev.s3dock.transfer.LegacyArchives;
import dev.s3dock.transfer.Md5;
import dev.s3dock.transfer.PublishedIndex;
import dev.s3dock.transfer.SavedEngine;
import dev.s3dock.transfer.TransferProgress;
import dev.s3dock.transfer.loopback.LoopbackRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A bucket that images are pushed to. */
public record PushingBucket(ObjectStore store, Path spool, Clock clock) {
  private static final Actor ACTOR = new Actor("pusher", "host-1", "s3dock test");

  public PushingBucket(ObjectStore store, Path spool) {
    this(store, spool, Clock.fixed(Instant.parse("2025-08-02T07:30:12Z"), ZoneOffset.UTC));
  }

  public static byte[] saved(ImageSpec image, ImageReference reference) {
    return TestTar.of(TestImages.dockerSaveFiles(image, reference.toString()));
  }

  public Images images() {
    return new Images(store, clock);
  }

  public PushResult push(ImageReference reference, ImageSpec image) throws IOException {
    return push(reference, new SavedEngine(reference.toString(), saved(image, reference)));
  }

  /** Pushes an image with another compression than the usual one. */
  public PushResult pushWith(String compression, ImageReference reference, ImageSpec image)
      throws IOException {
    SavedEngine engine = new SavedEngine(reference.toString(), saved(image, reference));
    return pusher(compression, false, 0).push(reference, engine, reference.toString());
  }

  public PushResult push(ImageReference reference, SavedEngine engine) throws IOException {
    return pusher().push(reference, engine, reference.toString());
  }

  public Pusher pusher() {
    return pusher(false);
  }

  public Pusher pusher(boolean force) {
    return pusher(force, 0);
  }

  /** One that lets the engine push the layers which are missing. */
  public Pusher pusher(LoopbackRegistry loopback, TransferProgress progress) {
    return pusher("gzip:1", false, 0, Optional.of(loopback), progress);
  }

  /** One that keeps so many bytes of what it has compressed, for the next push. */
  public Pusher pusher(boolean force, long cacheBytes) {
    return pusher("gzip:1", force, cacheBytes);
  }

  private Pusher pusher(String compression, boolean force, long cacheBytes) {
    return pusher(compression, force, cacheBytes, Optional.empty(), TransferProgress.NONE);
  }

  private Pusher pusher(
      String compression,
      boolean force,
      long cacheBytes,
      Optional<LoopbackRegistry> loopback,
      TransferProgress progress) {
    Catalog catalog = new Catalog(store, new Pointers(store, images(), clock, ACTOR));
    return new Pusher(
        store,
        images(),
        new AuditLog(store, clock, ACTOR),
        new LegacyArchives(store, spool, 0, TransferProgress.NONE),
        catalog,
        clock,
        new Packing(spool, Compression.Choice.parse(compression), 2, force, spool, cacheBytes),
        progress,
        loopback);
  }

  /**
   * The archive as it is stored, after its checksum, its index and all of its layers are proved.
   */
  public byte[] verified(ImageReference reference) throws IOException {
    Published published = images().require(reference);
    ObjectStat stat = store.head(published.archive()).orElseThrow();
    byte[] archive;
    try (InputStream in = store.read(stat.key(), new ByteRange(0, stat.size()), stat.etag())) {
      archive = in.readAllBytes();
    }
    String md5 = HexFormat.of().formatHex(Md5.start().digest(archive));
    if (!md5.equals(published.metadata().checksum())
        || stat.size() != published.metadata().size()) {
      throw new AssertionError("the metadata of " + reference + " is not that of its archive");
    }
    ArchiveIndex index = PublishedIndex.of(published).orElseThrow();
    if (!index.objectEtag().orElseThrow().equals(stat.etag().value())) {
      throw new AssertionError("the index names another state than " + stat);
    }
    ArchiveReader reader =
        new ArchiveReader(
            index,
            reference,
            (offset, length) ->
                java.util.Arrays.copyOfRange(archive, (int) offset, (int) offset + length),
            2);
    try (InputStream tar = reader.openTar()) {
      tar.transferTo(java.io.OutputStream.nullOutputStream());
    }
    return archive;
  }

  public List<String> temporaryObjects() {
    try (Stream<ObjectStat> objects = store.list("temporary/")) {
      return objects.map(object -> object.key().value()).toList();
    }
  }
}
