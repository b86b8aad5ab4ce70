package dev.s3dock.distribution;

import dev.s3dock.archive.ArchiveIndex;
import dev.s3dock.archive.LayerEntry;
import dev.s3dock.registry.ImageKey;
import dev.s3dock.registry.Images;
import dev.s3dock.store.ObjectStat;
import dev.s3dock.transfer.ArchiveDownload.ArchiveChangedException;
import dev.s3dock.transfer.PublishedIndex;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Where the chunks of layers lie, out of the metadata of their images. The indexes that were asked
 * for last are remembered, since an engine asks for one layer after the other. For several threads.
 */
final class ArchiveLayers {
  /** In all indexes together: about 8 MiB. */
  private static final long MOST_CHUNKS = 40_000;

  private final Images images;
  private final Map<ObjectStat, ArchiveIndex> indexes = new LinkedHashMap<>(16, 0.75f, true);
  private long chunks;

  ArchiveLayers(Images images) {
    this.images = images;
  }

  /**
   * A layer of an archive.
   *
   * @throws ArchiveChangedException if the image has no such layer any more
   */
  LayerEntry find(ImageKey image, ObjectStat archive, Predicate<LayerEntry> which)
      throws IOException {
    ArchiveIndex known = remembered(archive);
    Optional<ArchiveIndex> index =
        known != null ? Optional.of(known) : images.at(image).flatMap(PublishedIndex::of);
    if (known == null) {
      index.ifPresent(it -> remember(archive, it));
    }
    return index.stream()
        .flatMap(it -> it.layers().stream())
        .filter(which)
        .findFirst()
        .orElseThrow(() -> new ArchiveChangedException(archive));
  }

  private synchronized @Nullable ArchiveIndex remembered(ObjectStat archive) {
    return indexes.get(archive);
  }

  /** An index may be of the archive that came before, or will come: then it is read again. */
  private synchronized void remember(ObjectStat archive, ArchiveIndex index) {
    boolean fits = index.objectEtag().filter(archive.etag().value()::equals).isPresent();
    if (!fits || size(index) > MOST_CHUNKS || indexes.putIfAbsent(archive, index) != null) {
      return;
    }
    chunks += size(index);
    while (chunks > MOST_CHUNKS) {
      ObjectStat oldest = indexes.keySet().iterator().next();
      ArchiveIndex gone = indexes.remove(oldest);
      chunks -= gone == null ? 0 : size(gone);
    }
  }

  private static long size(ArchiveIndex index) {
    return index.layers().stream().mapToLong(layer -> layer.chunks().size()).sum();
  }
}
