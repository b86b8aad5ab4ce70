package dev.s3dock.archive.read;

import dev.s3dock.archive.BlockInputStream;
import dev.s3dock.archive.Chunk;
import dev.s3dock.archive.CorruptArchiveException;
import dev.s3dock.archive.LayerEntry;
import dev.s3dock.concurrent.Tasks;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The layers of an archive, uncompressed or as they are stored, several at once: for an engine that
 * pulls them. All together they decompress on as many threads as there are processors, and share
 * the memory.
 *
 * <p>Memory: what is read ahead of all streams weighs at most {@value #WINDOW_BYTES} bytes, beside
 * what was read ahead before another one began.
 */
public final class LayerStreams implements Closeable {
  /** As many as engines fetch at once by default; who wants more waits. */
  private static final int MOST = 3;

  private static final long WINDOW_BYTES = 72 << 20;

  private final ChunkFetcher fetcher;
  private final ExecutorService workers;
  private final Semaphore places = new Semaphore(MOST);

  /**
   * Reads layers.
   *
   * @param fetcher called from several threads
   * @param threads that decompress, at least 1
   */
  public LayerStreams(ChunkFetcher fetcher, int threads) {
    this.fetcher = fetcher;
    this.workers = Tasks.processorThreads(threads, ChunkStream.WORKERS);
  }

  /**
   * A whole layer, each byte of which is hashed once: its last chunk is not handed out before its
   * diff_id is right. Chunks that were wrong are not kept. Waits while as many as may be are open.
   *
   * @return to be closed; its {@code read} throws {@link CorruptArchiveException} if the archive
   *     has something else
   */
  public InputStream open(LayerEntry layer) throws IOException {
    ChunkStream chunks = stream(FetchRange.of(List.of(layer)), fetcher::unverified);
    return new Place(new LayerInput(layer, chunks), chunks, () -> fetcher.forget(layer.chunks()));
  }

  /**
   * The rest of a layer, each chunk verified by its own digest.
   *
   * @param from the first byte that is wanted
   */
  public InputStream openRest(LayerEntry layer, long from) throws IOException {
    int first = 0;
    long at = 0;
    List<Chunk> all = layer.chunks();
    while (first < all.size() && at + all.get(first).rawLength() <= from) {
      at += all.get(first++).rawLength();
    }
    List<Chunk> wanted = all.subList(first, all.size());
    ChunkStream chunks = stream(FetchRange.neighbours(wanted), fetcher::decompress);
    InputStream rest = new ChunkInput(wanted.size(), chunks, (int) (from - at));
    return new Place(rest, chunks, () -> {});
  }

  /**
   * A layer as it is stored: a blob, each byte of which is hashed once. Its last chunk is not
   * handed out before the digest of the whole blob is right, also where the first bytes are left
   * out. Chunks that were wrong are not kept.
   *
   * @param layer whose blob is known
   * @param from the first byte that is wanted
   */
  public InputStream openStored(LayerEntry layer, long from) throws IOException {
    ChunkStream chunks = stream(FetchRange.of(List.of(layer)), StoredChunk::bytes);
    InputStream blob = new LayerInput(layer, layer.blob().orElseThrow(), chunks);
    Place place = new Place(blob, chunks, () -> fetcher.forget(layer.chunks()));
    try {
      place.skipNBytes(from);
    } catch (IOException | RuntimeException e) {
      place.close();
      throw e;
    }
    return place;
  }

  private ChunkStream stream(List<FetchRange> runs, ChunkStream.Decompression decompression)
      throws IOException {
    try {
      places.acquire();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
    return new ChunkStream(
        runs,
        fetcher,
        decompression,
        () -> WINDOW_BYTES / Math.max(1, MOST - places.availablePermits()),
        workers);
  }

  /** Stops the threads; streams that are open fail. */
  @Override
  public void close() {
    Tasks.stop(workers);
  }

  /** A stream that has one of the places. */
  private final class Place extends BlockInputStream {
    private final InputStream in;
    private final ChunkStream chunks;
    private final Runnable ifWrong;
    private final AtomicBoolean open = new AtomicBoolean(true);

    Place(InputStream in, ChunkStream chunks, Runnable ifWrong) {
      this.in = in;
      this.chunks = chunks;
      this.ifWrong = ifWrong;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      try {
        return in.read(buffer, offset, length);
      } catch (CorruptArchiveException e) {
        ifWrong.run();
        throw e;
      }
    }

    @Override
    public void close() {
      if (open.getAndSet(false)) {
        chunks.close();
        places.release();
      }
    }
  }
}
