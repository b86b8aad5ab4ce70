package dev.s3dock.archive.write;

import dev.s3dock.archive.write.ChunkIndex.Place;
import java.util.Optional;

/**
 * A run of bytes of a packed archive.
 *
 * @param length in bytes, at least 1
 * @param held where a stored archive has the same bytes; empty if none does
 * @param local true if {@link PackedImage#open} gives these bytes too
 */
public record Segment(long length, Optional<Place> held, boolean local) {
  /** The place where the bytes after these lie, if they are held as well. */
  Optional<Place> next() {
    return held.map(place -> new Place(place.archive(), place.offset() + length));
  }

  /** True if both are one run. */
  boolean isFollowedBy(Segment segment) {
    return local == segment.local && next().equals(segment.held);
  }
}
