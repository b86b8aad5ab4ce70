package dev.s3dock.transfer.pull;

import dev.s3dock.archive.ArchiveIndex;
import dev.s3dock.archive.Chunk;
import dev.s3dock.image.Digest;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** How much of an archive others hold too: chunks with the same raw bytes. */
final class SharedChunks {
  private final List<Chunk> chunks;
  private final Set<Digest> found = new HashSet<>();

  SharedChunks(ArchiveIndex index) {
    this.chunks = chunks(index);
  }

  private static List<Chunk> chunks(ArchiveIndex index) {
    return index.layers().stream().flatMap(layer -> layer.chunks().stream()).toList();
  }

  /** What the chunks of an archive hold. */
  static Set<Digest> digests(ArchiveIndex index) {
    return chunks(index).stream().map(Chunk::digest).collect(Collectors.toSet());
  }

  /** Compressed bytes of the chunks that the other one has too. */
  long with(Set<Digest> other) {
    chunks.stream().map(Chunk::digest).filter(other::contains).forEach(found::add);
    return bytesOf(other);
  }

  /** Compressed bytes of the chunks that any of those asked for so far has too. */
  long withAny() {
    return bytesOf(found);
  }

  private long bytesOf(Set<Digest> digests) {
    return chunks.stream()
        .filter(chunk -> digests.contains(chunk.digest()))
        .mapToLong(Chunk::length)
        .sum();
  }
}
