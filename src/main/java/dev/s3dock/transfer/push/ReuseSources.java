package dev.s3dock.transfer.push;

import static java.util.stream.Collectors.toSet;

import dev.s3dock.archive.ArchiveIndex;
import dev.s3dock.archive.LeadingLayers;
import dev.s3dock.archive.write.ChunkIndex;
import dev.s3dock.image.Digest;
import dev.s3dock.store.MultipartUpload;
import dev.s3dock.store.ObjectStat;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Stored archives that a new one can take bytes from, the best one first.
 *
 * @param archives those of the app itself, then others
 * @param own how many are of the app itself
 * @param leading layers that the new archive begins with as the first of these does; what others
 *     have is never taken for given, since whoever writes there may not be who writes here
 */
record ReuseSources(List<Base> archives, int own, LeadingLayers leading) {
  static final ReuseSources NONE = new ReuseSources(List.of(), 0, LeadingLayers.NONE);

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
        archives.size(),
        leading.length() >= MultipartUpload.MIN_PART_BYTES ? leading : LeadingLayers.NONE);
  }

  /** The same with archives of other apps after these. */
  ReuseSources with(List<Base> others) {
    return new ReuseSources(
        Stream.concat(archives.stream(), others.stream()).toList(), own, leading);
  }

  /** The same without them. */
  ReuseSources ownOnly() {
    return new ReuseSources(archives.subList(0, own), own, leading);
  }

  /** All their layers. */
  Set<Digest> diffIds() {
    return archives.stream().flatMap(base -> base.index().diffIds().stream()).collect(toSet());
  }

  boolean hasOthers() {
    return archives.size() > own;
  }

  /** True if the archive of this number is not one of the app. */
  boolean isOther(int number) {
    return number >= own;
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
