package dev.s3dock.engine.docker.build;

import dev.s3dock.engine.ByteProgress;
import java.io.IOException;
import java.util.List;

/** Counts what was sent of the files of a build's context. */
final class SentContext {
  private final ByteProgress progress;
  private final long total;
  private long sent;

  SentContext(List<? extends ContextItem> items, ByteProgress progress) {
    this.progress = progress;
    this.total = progress.equals(ByteProgress.NONE) ? 0 : total(items);
  }

  /** A file that cannot be looked at fails when it is sent. */
  private static long total(List<? extends ContextItem> items) {
    long bytes = 0;
    for (ContextItem item : items) {
      try {
        bytes += item.entry().getSize();
      } catch (IOException e) {
        return bytes;
      }
    }
    return bytes;
  }

  void add(long bytes) {
    sent += bytes;
    progress.done(sent, Math.max(sent, total));
  }
}
