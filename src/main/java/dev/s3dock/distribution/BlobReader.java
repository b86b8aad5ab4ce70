package dev.s3dock.distribution;

import dev.s3dock.archive.LayerEntry;
import dev.s3dock.archive.cache.ChunkCache;
import dev.s3dock.archive.read.ChunkFetcher;
import dev.s3dock.archive.read.FetchRange;
import dev.s3dock.distribution.BlobContent.Proof;
import dev.s3dock.image.Digest;
import dev.s3dock.registry.Images;
import dev.s3dock.store.ByteRange;
import dev.s3dock.store.ObjectStat;
import dev.s3dock.store.ObjectStore;
import dev.s3dock.store.StoreException;
import dev.s3dock.transfer.ArchiveDownload;
import dev.s3dock.transfer.ArchiveDownload.ArchiveChangedException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Reads blobs out of archives, for many clients at once. What is on its way from the store is in
 * memory, within one limit for all; what waits for its client is in a file ({@link SpoolFile}), so
 * that a slow client holds neither memory nor a connection to the store.
 */
public final class BlobReader implements AutoCloseable {
  /** Bytes of a layer that are fetched with one request. */
  static final int PIECE_BYTES = 4 << 20;

  private static final int ATTEMPTS = 3;
  private static final Optional<Proof> NONE = Optional.empty();

  private final ObjectStore store;
  private final ArchiveLayers layers;
  private final ChunkCache cache;
  private final ChunkFetcher.Watch watch;
  private final Path spool;
  private final int retries;
  private final MemoryBudget memory;

  /** Layers that were others once, when chunks of them came from the cache. */
  private final Set<Digest> suspects = ConcurrentHashMap.newKeySet();

  private final ExecutorService fetchers =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("s3dock-serve-", 1).factory());

  /**
   * What is kept on disk of what was fetched.
   *
   * @param watch is told what that was good for
   */
  public record Caching(ChunkCache cache, ChunkFetcher.Watch watch) {}

  /**
   * Reads from this bucket.
   *
   * @param spool folder for the temporary files
   * @param retries how often a range that failed is read again
   * @param memory most bytes on their way from the store
   */
  public BlobReader(
      ObjectStore store, Images images, Path spool, Caching caching, int retries, long memory) {
    this.store = store;
    this.layers = new ArchiveLayers(images);
    this.cache = caching.cache();
    this.watch = caching.watch();
    this.spool = spool;
    this.retries = retries;
    this.memory = new MemoryBudget(memory);
  }

  /**
   * Opens some bytes of a blob. The first of them are fetched before this returns: where an archive
   * was replaced meanwhile, the blob is looked for again.
   *
   * @param wanted within the blob
   * @throws RefusedException {@link ErrorCode#BLOB_UNKNOWN} if it is gone
   * @throws StoreException {@link StoreException.Kind#UNAVAILABLE} if the archive is replaced again
   *     and again, or the store does not answer
   */
  public BlobContent open(Repository repository, ServedBlob found, ByteRange wanted)
      throws IOException {
    ServedBlob blob = found;
    for (int attempt = 1; ; attempt++) {
      try {
        return open(blob, wanted);
      } catch (ArchiveChangedException e) {
        if (attempt == ATTEMPTS) {
          throw new StoreException(
              StoreException.Kind.UNAVAILABLE, e.getMessage() + " again and again; try again", e);
        }
      } catch (StoreException e) {
        if (e.kind() != StoreException.Kind.NOT_FOUND || attempt == ATTEMPTS) {
          throw e;
        }
      }
      blob = repository.again(blob);
    }
  }

  private BlobContent open(ServedBlob blob, ByteRange wanted) throws IOException {
    boolean whole = wanted.length() == blob.size();
    return switch (blob) {
      case ServedBlob.Config config -> BlobContent.of(config.bytes(), wanted);
      case ServedBlob.Uncompressed layer ->
          stored(
              source(layer.archive()),
              pieces(layer, wanted),
              whole ? proof(layer, () -> {}) : NONE);
      case ServedBlob.Compressed layer when whole && cache.isUsed() && !isSuspect(layer) ->
          ofChunks(layer);
      case ServedBlob.Compressed layer ->
          stored(
              ChunkFetcher.uncached(download(layer.archive())),
              pieces(layer, wanted),
              whole ? proof(layer, () -> {}) : NONE);
    };
  }

  private static Optional<Proof> proof(ServedBlob blob, Runnable otherwise) {
    return Optional.of(new Proof(blob.digest(), otherwise));
  }

  /**
   * A whole layer by way of the cache. A chunk there may be another compressor's, of the same
   * length by chance, which its own digest does not tell but that of the layer does: from then on
   * the layer comes from the bucket. A part of a layer would not tell, and so never comes from
   * there.
   */
  private BlobContent ofChunks(ServedBlob.Compressed blob) throws IOException {
    LayerEntry layer =
        layers.find(
            blob.image(),
            blob.archive(),
            it -> it.offset() == blob.offset() && it.blob().equals(Optional.of(blob.digest())));
    ChunkFetcher source = source(blob.archive());
    List<Piece> pieces = new ArrayList<>();
    FetchRange.of(List.of(layer)).forEach(run -> pieces.add(new Piece.Chunks(run)));
    return stored(
        source,
        pieces,
        proof(
            blob,
            () -> {
              suspects.add(blob.digest());
              source.forget(layer.chunks());
            }));
  }

  private boolean isSuspect(ServedBlob.Compressed layer) {
    return suspects.contains(layer.digest());
  }

  private ArchiveDownload download(ObjectStat archive) {
    return new ArchiveDownload(store, archive, retries, bytes -> {});
  }

  private ChunkFetcher source(ObjectStat archive) {
    return new ChunkFetcher(download(archive), cache, watch);
  }

  private BlobContent stored(ChunkFetcher source, List<Piece> pieces, Optional<Proof> whole)
      throws IOException {
    BlobContent content =
        BlobContent.of(
            pieces,
            (piece, into) -> fetch(source, piece, into),
            new BlobContent.Means(SpoolFile.open(spool), fetchers),
            whole);
    content.begin();
    return content;
  }

  private void fetch(ChunkFetcher source, Piece piece, Piece.Sink into) throws IOException {
    try (var _ = memory.take(piece.weight())) {
      piece.write(source, into);
    }
  }

  private static List<Piece> pieces(ServedBlob.Compressed layer, ByteRange wanted) {
    List<Piece> pieces = new ArrayList<>();
    long end = layer.offset() + wanted.end();
    for (long at = layer.offset() + wanted.offset(); at < end; at += PIECE_BYTES) {
      pieces.add(new Piece.Stored(at, (int) Math.min(PIECE_BYTES, end - at)));
    }
    return pieces;
  }

  /** The chunks that hold the wanted bytes. */
  private List<Piece> pieces(ServedBlob.Uncompressed blob, ByteRange wanted) throws IOException {
    LayerEntry layer =
        layers.find(blob.image(), blob.archive(), it -> it.diffId().equals(blob.digest()));
    List<Piece> pieces = new ArrayList<>();
    long at = 0;
    for (FetchRange run : FetchRange.of(List.of(layer))) {
      long from = Math.max(at, wanted.offset());
      long to = Math.min(at + run.rawLength(), wanted.end());
      if (from < to) {
        pieces.add(new Piece.Decompressed(run, from - at, to - from));
      }
      at += run.rawLength();
    }
    return pieces;
  }

  /** True if the blob is still there to be read. */
  public boolean isThere(ServedBlob blob) {
    return switch (blob) {
      case ServedBlob.Config _ -> true;
      case ServedBlob.Compressed layer -> isThere(layer.archive());
      case ServedBlob.Uncompressed layer -> isThere(layer.archive());
    };
  }

  private boolean isThere(ObjectStat archive) {
    return store.head(archive.key()).filter(now -> now.etag().equals(archive.etag())).isPresent();
  }

  @Override
  public void close() {
    fetchers.shutdownNow();
  }
}
