package dev.s3dock.archive.write;

import dev.s3dock.archive.ArchiveIndex;
import dev.s3dock.archive.Chunk;
import dev.s3dock.image.Digest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Chunks of archives that are stored already, found by what they hold. A chunk with the same raw
 * bytes and the same compressed length, made by the same compressor, is the same chunk.
 */
public final class ChunkIndex {
  /**
   * Where stored bytes are.
   *
   * @param archive number of the archive in the list given to {@link #of}
   * @param offset in that archive
   */
  public record Place(int archive, long offset) {}

  private record Content(Digest digest, int length) {}

  private final Map<Content, Place> anywhere = new HashMap<>();
  private final Map<Place, Content> byPlace = new HashMap<>();

  private ChunkIndex() {}

  /** The chunks of these archives; of two places, the one in the earlier archive counts. */
  public static ChunkIndex of(List<ArchiveIndex> archives) {
    ChunkIndex held = new ChunkIndex();
    for (int i = 0; i < archives.size(); i++) {
      int archive = i;
      ArchiveIndex index = archives.get(i);
      index.between().forEach(chunk -> held.add(archive, chunk));
      index.layers().forEach(layer -> layer.chunks().forEach(m -> held.add(archive, m)));
    }
    return held;
  }

  private void add(int archive, Chunk chunk) {
    Content content = new Content(chunk.digest(), chunk.length());
    Place place = new Place(archive, chunk.offset());
    anywhere.putIfAbsent(content, place);
    byPlace.put(place, content);
  }

  /**
   * Finds a chunk.
   *
   * @param preferred where it would best be, since what comes before it ends there
   */
  Optional<Place> find(Digest digest, int length, Optional<Place> preferred) {
    Content content = new Content(digest, length);
    if (preferred.isPresent() && content.equals(byPlace.get(preferred.get()))) {
      return preferred;
    }
    return Optional.ofNullable(anywhere.get(content));
  }

  /** Collects a new archive's bytes as runs that lie side by side. */
  static final class Runs {
    private final ChunkIndex held;
    private final List<Segment> segments = new ArrayList<>();

    Runs(ChunkIndex held) {
      this.held = held;
    }

    /** The bytes before everything else, which are those of the first archive. */
    void beginning(long length) {
      if (length > 0) {
        segments.add(new Segment(length, Optional.of(new Place(0, 0)), false));
      }
    }

    void add(Digest digest, int length) {
      Optional<Place> next = segments.isEmpty() ? Optional.empty() : segments.getLast().next();
      append(new Segment(length, held.find(digest, length, next), true));
    }

    void addNew(int length) {
      append(new Segment(length, Optional.empty(), true));
    }

    private void append(Segment segment) {
      if (!segments.isEmpty() && segments.getLast().isFollowedBy(segment)) {
        Segment last = segments.removeLast();
        segments.add(new Segment(last.length() + segment.length(), last.held(), true));
      } else {
        segments.add(segment);
      }
    }

    List<Segment> segments() {
      return List.copyOf(segments);
    }
  }
}
