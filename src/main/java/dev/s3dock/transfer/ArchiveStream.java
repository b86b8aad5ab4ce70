package dev.s3dock.transfer;

import dev.s3dock.archive.BlockInputStream;
import dev.s3dock.archive.read.RangeFetcher;
import dev.s3dock.concurrent.OrderedWindow;
import dev.s3dock.store.StoreException;
import java.io.IOException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A whole archive as one stream, fetched by ranges ahead of its reader. Memory: {@value #AHEAD}
 * ranges of {@value #RANGE_BYTES} bytes.
 */
public final class ArchiveStream extends BlockInputStream {
  private static final int AHEAD = 6;
  private static final int RANGE_BYTES = 4 << 20;

  private final RangeFetcher fetcher;
  private final long size;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final OrderedWindow<byte[]> ahead = new OrderedWindow<>(threads, AHEAD);
  private long asked;
  private byte[] range = {};
  private int at;

  /**
   * Opens an archive.
   *
   * @param size of it, in bytes
   */
  public ArchiveStream(RangeFetcher fetcher, long size) {
    this.fetcher = fetcher;
    this.size = size;
  }

  /**
   * The store's answer, as readers of a stream take it: a decoder between would take any other
   * exception for one of its own.
   */
  public static final class StoreFailedException extends IOException {
    private static final long serialVersionUID = 1L;

    private final StoreException reason;

    StoreFailedException(StoreException reason) {
      super(reason.getMessage(), reason);
      this.reason = reason;
    }

    public StoreException reason() {
      return reason;
    }
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    if (at == range.length) {
      fetchAhead();
      if (ahead.isEmpty()) {
        return -1;
      }
      range = next();
      at = 0;
    }
    int count = Math.min(length, range.length - at);
    System.arraycopy(range, at, buffer, offset, count);
    at += count;
    return count;
  }

  private void fetchAhead() {
    while (ahead.hasRoom(1) && asked < size) {
      long start = asked;
      int length = (int) Math.min(RANGE_BYTES, size - start);
      ahead.submit(1, () -> fetcher.fetch(start, length));
      asked += length;
    }
  }

  private byte[] next() throws IOException {
    try {
      return ahead.take();
    } catch (StoreException e) {
      throw new StoreFailedException(e);
    }
  }

  /** Stops what is on its way, and waits until it has stopped. */
  @Override
  public void close() {
    threads.shutdownNow();
    threads.close();
  }
}
