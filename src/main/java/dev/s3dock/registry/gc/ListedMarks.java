package dev.s3dock.registry.gc;

import dev.s3dock.concurrent.ParallelReads;
import dev.s3dock.registry.Documents;
import dev.s3dock.registry.ImageKey;
import dev.s3dock.registry.ImageMetadata;
import dev.s3dock.registry.RegistryException;
import dev.s3dock.registry.Tombstone;
import dev.s3dock.registry.gc.Removal.OfMark;
import dev.s3dock.store.ObjectStat;
import dev.s3dock.store.ObjectStore;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What stands in the place of metadata although the image is gone: the marks that cleanups leave
 * where an archive had none, so that no push publishes there while the archive is being deleted.
 */
final class ListedMarks {
  private final ObjectStore store;
  private final ListedImages listed;
  private final int atOnce;

  ListedMarks(ObjectStore store, ListedImages listed, int atOnce) {
    this.store = store;
    this.listed = listed;
    this.atOnce = atOnce;
  }

  private record Read(ImageKey key, ObjectStat metadata, Optional<Tombstone> mark) {}

  /**
   * Takes such marks out of the listing, in which they count as images. Only metadata of commits
   * without any archive are read.
   *
   * @return those that may go: no delete is on its way any more
   */
  List<OfMark> take(Instant now) {
    List<Read> marks = new ArrayList<>();
    ParallelReads.inOrder(
        atOnce,
        listed.withoutArchive().entrySet().iterator(),
        this::read,
        read -> {
          if (read.mark().filter(Tombstone::isDeleting).isPresent()) {
            marks.add(read);
          }
        });
    marks.forEach(read -> listed.remove(read.key()));
    return marks.stream()
        .filter(read -> read.mark().filter(mark -> !mark.bars(now)).isPresent())
        .map(read -> new OfMark(read.key(), read.metadata()))
        .toList();
  }

  private Read read(Map.Entry<ImageKey, ObjectStat> entry) {
    ImageKey key = entry.getKey();
    try {
      return new Read(
          key,
          entry.getValue(),
          store
              .get(key.metadata(), ImageMetadata.MAX_BYTES)
              .flatMap(it -> Tombstone.of(Documents.parse(it.key(), it.content()))));
    } catch (RegistryException damaged) {
      return new Read(key, entry.getValue(), Optional.empty());
    }
  }
}
