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
  private final LayerForm form;
  private final TransferProgress.Step download;
  private final CountedStep unpack;
  private final long total;
  private final Set<LayerEntry> present = new HashSet<>();
  private long sent;

  /**
   * Shows a pull.
   *
   * @param form in which the engine is handed the layers, and counts their bytes
   */
  PullSteps(TransferProgress progress, ByteCounter counter, ArchiveIndex index, LayerForm form) {
    this.index = index;
    this.form = form;
    this.total = index.layers().stream().mapToLong(form::size).sum();
    this.download = progress.begin("download", index.size());
    this.unpack = new CountedStep(progress, "unpack", total);
    counter.show(download);
  }

  @Override
  public synchronized void unpacked(long bytes) {
    unpack.done(Math.min(total, bytes + presentBytes()), total);
  }

  @Override
  public synchronized void present(String layer) {
    for (LayerEntry each : index.layers()) {
      if (form.digest(each).hex().startsWith(layer) && present.add(each)) {
        download.saved(each.length());
      }
    }
  }

  /**
   * The engine was sent some bytes of layers. When it has all, only unpacking is left, which it may
   * not count.
   */
  synchronized void sent(long bytes) {
    boolean before = isAllThere();
    sent += bytes;
    if (!before && isAllThere()) {
      download.close();
      unpack.begin();
    }
  }

  private boolean isAllThere() {
    return sent + presentBytes() >= total;
  }

  private long presentBytes() {
    return present.stream().mapToLong(form::size).sum();
  }

  @Override
  public void close() {
    unpack.close();
    download.close();
  }
}
