package dev.s3dock.transfer.pull;

import dev.s3dock.archive.read.ChunkFetcher;
import dev.s3dock.transfer.TransferProgress;
import java.util.concurrent.atomic.LongAdder;

/**
 * Counts what is fetched of an archive, and what the cache had of it, and passes both on to what
 * the user sees.
 */
final class ByteCounter implements TransferProgress.Step, ChunkFetcher.Watch {
  private final LongAdder fetched = new LongAdder();
  private final LongAdder cached = new LongAdder();
  private volatile TransferProgress.Step shown = bytes -> {};

  /** From now on the user sees this step. */
  void show(TransferProgress.Step step) {
    shown = step;
  }

  @Override
  public void advance(long bytes) {
    fetched.add(bytes);
    shown.advance(bytes);
  }

  @Override
  public void looked(long bytes, boolean found) {
    if (found) {
      cached.add(bytes);
      shown.advance(bytes);
    }
  }

  long fetched() {
    return fetched.sum();
  }

  long cached() {
    return cached.sum();
  }
}
