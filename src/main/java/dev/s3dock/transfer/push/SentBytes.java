package dev.s3dock.transfer.push;

import dev.s3dock.transfer.TransferProgress;

/** Counts what is sent, and shows it as soon as there is somebody to show it to. */
final class SentBytes {
  private long unseen;
  private TransferProgress.Step progress = bytes -> {};
  private boolean shown;

  synchronized void add(long bytes) {
    if (shown) {
      progress.advance(bytes);
    } else {
      unseen += bytes;
    }
  }

  synchronized void show(TransferProgress.Step step) {
    shown = true;
    progress = step;
    progress.advance(unseen);
  }
}
