package dev.s3dock.engine.docker;

import dev.s3dock.engine.ByteProgress;
import dev.s3dock.engine.docker.api.ProgressStream;
import java.util.HashMap;
import java.util.Map;

/** Adds up what an engine counts of each layer that it loads, one after the other. */
final class LoadedLayers implements ProgressStream.Counts {
  private final ByteProgress progress;
  private final Map<String, Long> bytes = new HashMap<>();
  private final Map<String, Long> totals = new HashMap<>();

  LoadedLayers(ByteProgress progress) {
    this.progress = progress;
  }

  @Override
  public void counted(String layer, long done, long total) {
    bytes.put(layer, done);
    totals.put(layer, total);
    progress.done(sum(bytes), sum(totals));
  }

  private static long sum(Map<String, Long> parts) {
    return parts.values().stream().mapToLong(Long::longValue).sum();
  }
}
