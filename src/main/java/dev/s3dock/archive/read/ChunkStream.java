package dev.s3dock.archive.read;

import dev.s3dock.archive.Chunk;
import dev.s3dock.archive.CorruptArchiveException;
import dev.s3dock.archive.LayerEntry;
import dev.s3dock.archive.codec.ChunkCodec;
import dev.s3dock.concurrent.OrderedWindow;
import dev.s3dock.concurrent.Tasks;
import dev.s3dock.image.Digest;
import dev.s3dock.image.FailureWords;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * The chunks of some layers in order: fetched ahead on virtual threads, decompressed and verified
 * on as many threads as there are processors for it. For one consumer.
 *
 * <p>Memory: the runs ahead of the consumer weigh at most {@value #WINDOW_BYTES} bytes, compressed
 * and raw together.
 */
final class ChunkStream implements Closeable {
  private static final long WINDOW_BYTES = 96 << 20;
  private static final int WINDOW_RUNS = 16;

  private final RangeFetcher fetcher;
  private final Deque<FetchRange> ahead;
  private final OrderedWindow<List<Future<byte[]>>> window;
  private final Deque<Future<byte[]>> ready = new ArrayDeque<>();
  private final ExecutorService fetchers;
  private final ExecutorService workers;

  ChunkStream(List<LayerEntry> layers, RangeFetcher fetcher, int threads) {
    this.fetcher = fetcher;
    this.ahead = new ArrayDeque<>(FetchRange.of(layers));
    this.fetchers =
        Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("s3dock-fetch-", 1).factory());
    this.window = new OrderedWindow<>(fetchers, WINDOW_BYTES);
    this.workers = Tasks.processorThreads(threads, "s3dock-decompress");
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
        && window.hasRoom(ahead.getFirst().weight())) {
      FetchRange run = ahead.removeFirst();
      window.submit(run.weight(), () -> fetch(run));
    }
  }

  private List<Future<byte[]>> fetch(FetchRange run) throws IOException {
    byte[] bytes = fetcher.fetch(run.offset(), run.length());
    if (bytes.length != run.length()) {
      throw new CorruptArchiveException(
          "asked for %d bytes of the archive at %d, got %d"
              .formatted(run.length(), run.offset(), bytes.length));
    }
    List<Future<byte[]>> chunks = new ArrayList<>();
    for (Chunk chunk : run.chunks()) {
      chunks.add(workers.submit(() -> decompress(bytes, run.offset(), chunk)));
    }
    return chunks;
  }

  /**
   * The raw bytes of a chunk, verified.
   *
   * @param run bytes of the archive that hold it
   * @param runOffset of the first of them, in the archive
   */
  static byte[] decompress(byte[] run, long runOffset, Chunk chunk) throws CorruptArchiveException {
    byte[] raw;
    try {
      int start = (int) (chunk.offset() - runOffset);
      raw = ChunkCodec.decompress(run, start, chunk.length(), chunk.rawLength());
    } catch (CorruptArchiveException e) {
      throw new CorruptArchiveException(
          "the archive at byte " + chunk.offset() + ": " + FailureWords.of(e), e);
    }
    Digest digest = Digest.of(raw);
    if (!digest.equals(chunk.digest())) {
      throw new CorruptArchiveException(
          "the archive at byte %d: content has the digest %s, the index says %s"
              .formatted(chunk.offset(), digest, chunk.digest()));
    }
    return raw;
  }

  /** Stops the threads, without waiting for them. */
  @Override
  public void close() {
    Tasks.stop(fetchers);
    Tasks.stop(workers);
  }
}
