package dev.s3dock.archive.read;

import dev.s3dock.archive.ArchiveIndex;
import dev.s3dock.archive.Chunk;
import dev.s3dock.archive.LayerEntry;
import java.util.ArrayList;
import java.util.List;

/**
 * Chunks that are fetched with one request, because they lie side by side or nearly so.
 *
 * @param chunks in archive order, at least one
 */
public record FetchRange(List<Chunk> chunks) {
  private static final int MAX_LENGTH = 8 << 20;
  private static final int MAX_RAW = 12 << 20;

  public FetchRange {
    chunks = List.copyOf(chunks);
  }

  /** The chunks of these layers as few requests, each of at most 8 MiB and 12 MiB raw. */
  public static List<FetchRange> of(List<LayerEntry> layers) {
    return neighbours(layers.stream().flatMap(layer -> layer.chunks().stream()).toList());
  }

  /** The same of single chunks, in archive order: those that lie side by side, or nearly so. */
  static List<FetchRange> neighbours(List<Chunk> chunks) {
    List<FetchRange> runs = new ArrayList<>();
    List<Chunk> open = new ArrayList<>();
    for (Chunk chunk : chunks) {
      if (!open.isEmpty() && !fits(open, chunk)) {
        runs.add(new FetchRange(open));
        open.clear();
      }
      open.add(chunk);
    }
    if (!open.isEmpty()) {
      runs.add(new FetchRange(open));
    }
    return runs;
  }

  private static boolean fits(List<Chunk> open, Chunk next) {
    long raw = open.stream().mapToLong(Chunk::rawLength).sum() + next.rawLength();
    return next.offset() - open.getLast().end() <= ArchiveIndex.MAX_BETWEEN
        && next.end() - open.getFirst().offset() <= MAX_LENGTH
        && raw <= MAX_RAW;
  }

  /** Offset of its first byte in the archive. */
  public long offset() {
    return chunks.getFirst().offset();
  }

  /** Bytes to fetch. */
  public int length() {
    return (int) (chunks.getLast().end() - offset());
  }

  /** Bytes that the chunks hold, decompressed. */
  public long rawLength() {
    return chunks.stream().mapToLong(Chunk::rawLength).sum();
  }

  /** Bytes of memory that it takes while it is worked on. */
  long weight() {
    return length() + rawLength();
  }
}
