package dev.s3dock.transfer;

import dev.s3dock.engine.ByteProgress;
import org.jspecify.annotations.Nullable;

/** A step that an engine counts; shown from its first count on, or from when it is waited for. */
public final class CountedStep implements ByteProgress, AutoCloseable {
  private final TransferProgress progress;
  private final String name;
  private final long expected;
  private TransferProgress.@Nullable Step step;
  private long total = -1;
  private long shown;

  /**
   * Nothing is shown yet.
   *
   * @param name for the user
   * @param expected total, where an engine learns of it bit by bit; 0 if that is not known
   */
  public CountedStep(TransferProgress progress, String name, long expected) {
    this.progress = progress;
    this.name = name;
    this.expected = expected;
  }

  /** The step goes on, though the engine may never say how far it is. */
  public synchronized void begin() {
    if (step == null) {
      step = progress.begin(name, -1);
    }
  }

  /** A total that was not known begins the step anew, and so does one that has grown. */
  @Override
  public synchronized void done(long bytes, long of) {
    TransferProgress.Step now = step;
    if (now == null || of > total) {
      close();
      total = Math.max(of, expected);
      shown = 0;
      now = progress.begin(name, total);
      step = now;
    }
    now.advance(bytes - shown);
    shown = bytes;
  }

  @Override
  public synchronized void close() {
    TransferProgress.Step now = step;
    if (now != null) {
      now.close();
      step = null;
    }
  }
}
