package dev.s3dock.transfer.pull;

import dev.s3dock.archive.ArchiveIndex;
import dev.s3dock.archive.LayerEntry;
import dev.s3dock.engine.PullWatch;
import dev.s3dock.transfer.CountedStep;
import dev.s3dock.transfer.TransferProgress;
import java.util.HashSet;
import java.util.Set;

/** Shows what is fetched, what the engine has already, and what it has unpacked. */
final class PullSteps implements PullWatch, AutoCloseable {
  private final ArchiveIndex index;
  private final TransferProgress.Step download;
  private final CountedStep unpack;
  private final long total;
  private final Set<LayerEntry> present = new HashSet<>();
  private long unpacked;

  PullSteps(TransferProgress progress, ByteCounter counter, ArchiveIndex index) {
    this.index = index;
    this.total = index.layers().stream().mapToLong(LayerEntry::size).sum();
    this.download = progress.begin("download", index.size());
    this.unpack = new CountedStep(progress, "unpack", total);
    counter.show(download);
  }

  @Override
  public void unpacked(long bytes) {
    unpacked = bytes;
    show();
  }

  @Override
  public void present(String layer) {
    for (LayerEntry each : index.layers()) {
      if (each.diffId().hex().startsWith(layer) && present.add(each)) {
        download.saved(each.length());
      }
    }
  }

  private void show() {
    long there = present.stream().mapToLong(LayerEntry::size).sum();
    unpack.done(Math.min(total, unpacked + there), total);
  }

  @Override
  public void close() {
    unpack.close();
    download.close();
  }
}
