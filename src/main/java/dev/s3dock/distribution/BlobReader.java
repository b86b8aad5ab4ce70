package dev.s3dock.distribution;

import dev.s3dock.archive.ArchiveIndex;
import dev.s3dock.archive.LayerEntry;
import dev.s3dock.archive.read.FetchRange;
import dev.s3dock.image.Digest;
import dev.s3dock.registry.Images;
import dev.s3dock.registry.Published;
import dev.s3dock.store.ByteRange;
import dev.s3dock.store.ObjectStat;
import dev.s3dock.store.ObjectStore;
import dev.s3dock.store.StoreException;
import dev.s3dock.transfer.ArchiveDownload;
import dev.s3dock.transfer.ArchiveDownload.ArchiveChangedException;
import dev.s3dock.transfer.PublishedIndex;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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

  private final ObjectStore store;
  private final Images images;
  private final Path spool;
  private final int retries;
  private final MemoryBudget memory;
  private final ExecutorService fetchers =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("s3dock-serve-", 1).factory());

  /**
   * Reads from this bucket.
   *
   * @param spool folder for the temporary files
   * @param retries how often a range that failed is read again
   * @param memory most bytes on their way from the store
   */
  public BlobReader(ObjectStore store, Images images, Path spool, int retries, long memory) {
    this.store = store;
    this.images = images;
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
    Optional<Digest> whole =
        wanted.length() == blob.size() ? Optional.of(blob.digest()) : Optional.empty();
    return switch (blob) {
      case ServedBlob.Config config -> BlobContent.of(config.bytes(), wanted);
      case ServedBlob.Compressed layer -> stored(layer.archive(), pieces(layer, wanted), whole);
      case ServedBlob.Uncompressed layer -> stored(layer.archive(), pieces(layer, wanted), whole);
    };
  }

  private BlobContent stored(ObjectStat archive, List<Piece> pieces, Optional<Digest> whole)
      throws IOException {
    ArchiveDownload download = new ArchiveDownload(store, archive, retries, bytes -> {});
    BlobContent content =
        BlobContent.of(
            pieces,
            (piece, into) -> fetch(download, piece, into),
            new BlobContent.Means(SpoolFile.open(spool), fetchers),
            whole);
    content.begin();
    return content;
  }

  private void fetch(ArchiveDownload download, Piece piece, Piece.Sink into) throws IOException {
    try (var _ = memory.take(piece.weight())) {
      piece.write(download.fetch(piece.offset(), piece.length()), into);
    }
  }

  private static List<Piece> pieces(ServedBlob.Compressed layer, ByteRange wanted) {
    List<Piece> pieces = new ArrayList<>();
    long end = layer.offset() + wanted.end();
    for (long at = layer.offset() + wanted.offset(); at < end; at += PIECE_BYTES) {
      pieces.add(Piece.asStored(at, (int) Math.min(PIECE_BYTES, end - at)));
    }
    return pieces;
  }

  /** The chunks that hold the wanted bytes. */
  private List<Piece> pieces(ServedBlob.Uncompressed layer, ByteRange wanted) throws IOException {
    List<Piece> pieces = new ArrayList<>();
    long at = 0;
    for (FetchRange run : FetchRange.of(List.of(entry(layer)))) {
      long from = Math.max(at, wanted.offset());
      long to = Math.min(at + run.rawLength(), wanted.end());
      if (from < to) {
        pieces.add(Piece.decompressed(run, from - at, to - from));
      }
      at += run.rawLength();
    }
    return pieces;
  }

  private LayerEntry entry(ServedBlob.Uncompressed layer) throws IOException {
    Optional<ArchiveIndex> index = images.at(layer.image()).flatMap(this::indexOf);
    return index.stream()
        .flatMap(it -> it.layers().stream())
        .filter(it -> it.diffId().equals(layer.digest()))
        .findFirst()
        .orElseThrow(() -> new ArchiveChangedException(layer.archive()));
  }

  private Optional<ArchiveIndex> indexOf(Published published) {
    return PublishedIndex.of(published);
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
