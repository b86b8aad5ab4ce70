package dev.s3dock.transfer.pull;

import dev.s3dock.transfer.TransferProgress;
import java.util.concurrent.atomic.LongAdder;

/** Counts what is fetched of an archive, and passes it on to what the user sees. */
final class ByteCounter implements TransferProgress.Step {
  private final LongAdder fetched = new LongAdder();
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

  long fetched() {
    return fetched.sum();
  }
}
