package dev.s3dock.transfer.push;

import dev.s3dock.archive.ArchiveIndex;
import dev.s3dock.archive.LeadingLayers;
import dev.s3dock.archive.write.ChunkIndex;
import dev.s3dock.image.Digest;
import dev.s3dock.store.MultipartUpload;
import dev.s3dock.store.ObjectStat;
import java.util.List;

/**
 * Stored archives that a new one can take bytes from, the best one first.
 *
 * @param leading layers that the new archive begins with as the first of these does
 */
record ReuseSources(List<Base> archives, LeadingLayers leading) {
  static final ReuseSources NONE = new ReuseSources(List.of(), LeadingLayers.NONE);

  /** An archive whose bytes are those that the index describes. */
  record Base(ArchiveIndex index, ObjectStat archive) {}

  ReuseSources {
    archives = List.copyOf(archives);
  }

  /**
   * What an image of these layers can take.
   *
   * @param diffIds of the image, from the base up; none if they are not known yet
   */
  static ReuseSources of(List<Base> archives, List<Digest> diffIds) {
    if (archives.isEmpty()) {
      return NONE;
    }
    LeadingLayers leading = LeadingLayers.of(archives.getFirst().index(), diffIds);
    // a shorter beginning could not be a part of its own
    return new ReuseSources(
        archives,
        leading.length() >= MultipartUpload.MIN_PART_BYTES ? leading : LeadingLayers.NONE);
  }

  boolean isEmpty() {
    return archives.isEmpty();
  }

  /** All their chunks. */
  ChunkIndex chunks() {
    return ChunkIndex.of(archives.stream().map(Base::index).toList());
  }

  /** The state of the archive of this number. */
  ObjectStat archive(int number) {
    return archives.get(number).archive();
  }
}
