package dev.s3dock.archive.read;

import dev.s3dock.archive.CorruptArchiveException;
import dev.s3dock.archive.LayerEntry;
import dev.s3dock.concurrent.OrderedWindow;
import dev.s3dock.concurrent.Tasks;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.LongSupplier;

/**
 * Chunks in order: fetched ahead on virtual threads, decompressed and verified on as many threads
 * as there are processors for it. For one consumer.
 *
 * <p>Memory: the runs ahead of the consumer weigh at most {@value #WINDOW_BYTES} bytes, compressed
 * and raw together.
 */
final class ChunkStream implements Closeable {
  private static final long WINDOW_BYTES = 96 << 20;
  private static final int WINDOW_RUNS = 16;

  /** Name of the threads that decompress. */
  static final String WORKERS = "s3dock-decompress";

  private final ChunkFetcher fetcher;
  private final Decompression decompression;
  private final LongSupplier capacity;
  private final boolean ownWorkers;
  private final Deque<FetchRange> ahead;
  private final OrderedWindow<List<Future<byte[]>>> window;
  private final Deque<Future<byte[]>> ready = new ArrayDeque<>();
  private final ExecutorService fetchers;
  private final ExecutorService workers;

  /** How the bytes of a chunk become what is read. */
  interface Decompression {
    byte[] of(StoredChunk chunk) throws IOException;
  }

  /** The chunks of some layers, each verified. */
  ChunkStream(List<LayerEntry> layers, ChunkFetcher fetcher, int threads) {
    this(
        FetchRange.of(layers),
        fetcher,
        fetcher::decompress,
        () -> WINDOW_BYTES,
        Tasks.processorThreads(threads, WORKERS),
        true);
  }

  /**
   * Beside other streams.
   *
   * @param capacity what the runs ahead may weigh now, in bytes
   * @param workers shared with the others, and not stopped
   */
  ChunkStream(
      List<FetchRange> runs,
      ChunkFetcher fetcher,
      Decompression decompression,
      LongSupplier capacity,
      ExecutorService workers) {
    this(runs, fetcher, decompression, capacity, workers, false);
  }

  private ChunkStream(
      List<FetchRange> runs,
      ChunkFetcher fetcher,
      Decompression decompression,
      LongSupplier capacity,
      ExecutorService workers,
      boolean ownWorkers) {
    this.fetcher = fetcher;
    this.decompression = decompression;
    this.capacity = capacity;
    this.workers = workers;
    this.ownWorkers = ownWorkers;
    this.ahead = new ArrayDeque<>(runs);
    this.fetchers =
        Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("s3dock-fetch-", 1).factory());
    this.window = new OrderedWindow<>(fetchers, WINDOW_BYTES);
  }

  /**
   * The raw bytes of the next chunk, verified. To be called as often as there are chunks.
   *
   * @throws CorruptArchiveException if the bytes are not those that the index describes
   */
  byte[] next() throws IOException {
    if (ready.isEmpty()) {
      fillWindow(); // here alone, with nothing of the run before left: its weight is free
      ready.addAll(window.take());
    }
    return Tasks.await(ready.removeFirst());
  }

  private void fillWindow() {
    while (!ahead.isEmpty()
        && window.size() < WINDOW_RUNS
        && window.hasRoom(ahead.getFirst().weight(), capacity.getAsLong())) {
      FetchRange run = ahead.removeFirst();
      window.submit(run.weight(), () -> fetch(run));
    }
  }

  private List<Future<byte[]>> fetch(FetchRange run) throws IOException {
    List<Future<byte[]>> chunks = new ArrayList<>();
    for (StoredChunk chunk : fetcher.fetch(run)) {
      chunks.add(workers.submit(() -> decompression.of(chunk)));
    }
    return chunks;
  }

  /** Stops the threads, without waiting for them. */
  @Override
  public void close() {
    Tasks.stop(fetchers);
    if (ownWorkers) {
      Tasks.stop(workers);
    }
  }
}
