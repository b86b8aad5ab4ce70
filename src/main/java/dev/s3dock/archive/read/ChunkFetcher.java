package dev.s3dock.archive.read;

import dev.s3dock.archive.Chunk;
import dev.s3dock.archive.CorruptArchiveException;
import dev.s3dock.archive.cache.ChunkCache;
import dev.s3dock.archive.cache.Claim;
import dev.s3dock.image.Digest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Gets the chunks of one state of one archive: out of a cache, and those that are not there with as
 * few requests as possible. They are kept then. For several threads; what one of them fetches, the
 * others that share the cache wait for.
 */
public final class ChunkFetcher {
  /** Rounds of waiting for others; who has nothing then fetches for itself. */
  private static final int ROUNDS = 2;

  private final RangeFetcher archive;
  private final ChunkCache cache;
  private final Watch watch;

  /** Is told what the cache was good for, by several threads. */
  @FunctionalInterface
  public interface Watch {
    /**
     * Something was looked for in the cache.
     *
     * @param bytes of it, compressed
     * @param found false if it was fetched from the archive
     */
    void looked(long bytes, boolean found);
  }

  /** Gets chunks of this archive. */
  public ChunkFetcher(RangeFetcher archive, ChunkCache cache, Watch watch) {
    this.archive = archive;
    this.cache = cache;
    this.watch = watch;
  }

  /** Without a cache. */
  public static ChunkFetcher uncached(RangeFetcher archive) {
    return new ChunkFetcher(archive, ChunkCache.none(), (bytes, found) -> {});
  }

  /**
   * Bytes of the archive, from the archive.
   *
   * @throws CorruptArchiveException if it hands out more or less
   */
  public byte[] range(long offset, int length) throws IOException {
    byte[] bytes = archive.fetch(offset, length);
    if (bytes.length != length) {
      throw new CorruptArchiveException(
          "asked for %d bytes of the archive at %d, got %d"
              .formatted(length, offset, bytes.length));
    }
    return bytes;
  }

  /**
   * The chunks of a run, in order. They have the right length, and are not verified otherwise: see
   * {@link #decompress} and {@link #forget}.
   */
  public List<StoredChunk> fetch(FetchRange run) throws IOException {
    Progress found = new Progress(run.chunks());
    for (int round = 0; round < ROUNDS && cache.isUsed() && !found.isComplete(); round++) {
      List<Digest> wanted = found.missing(chunk -> true).stream().map(Chunk::digest).toList();
      Claim claim = cache.claim(wanted);
      try (claim) {
        bring(found, chunk -> claim.has(chunk.digest()));
      }
      if (cache.isPaused()) {
        break; // what others fetch is not kept either
      }
      claim.awaitOthers();
    }
    bring(found, chunk -> true);
    return found.chunks();
  }

  /** Those of the chunks that are still missing: looked for in the cache, then fetched. */
  private void bring(Progress found, Predicate<Chunk> which) throws IOException {
    if (cache.isUsed()) {
      found.look(cache, watch, which);
    }
    for (FetchRange range : FetchRange.neighbours(found.missing(which))) {
      byte[] bytes = range(range.offset(), range.length());
      for (Chunk chunk : range.chunks()) {
        int start = (int) (chunk.offset() - range.offset());
        found.put(new StoredChunk(chunk, bytes, start, false));
        cache.keep(chunk.digest(), bytes, start, chunk.length());
      }
      if (cache.isUsed()) {
        watch.looked(range.chunks().stream().mapToLong(Chunk::length).sum(), false);
      }
    }
  }

  /**
   * The raw bytes of a chunk, verified. One that the cache had wrong is fetched from the archive.
   *
   * @throws CorruptArchiveException if the archive has it wrong
   */
  public byte[] decompress(StoredChunk stored) throws IOException {
    return decompress(stored, StoredChunk::decompress);
  }

  /** The same, not verified: for whoever verifies the layer, and calls {@link #forget}. */
  byte[] unverified(StoredChunk stored) throws IOException {
    return decompress(stored, StoredChunk::unverified);
  }

  private interface Decompression {
    byte[] of(StoredChunk stored) throws CorruptArchiveException;
  }

  private byte[] decompress(StoredChunk stored, Decompression how) throws IOException {
    Chunk chunk = stored.chunk();
    try {
      return how.of(stored);
    } catch (CorruptArchiveException e) {
      cache.remove(chunk.digest());
      if (!stored.cached()) {
        throw e;
      }
    }
    byte[] bytes = range(chunk.offset(), chunk.length());
    byte[] raw = new StoredChunk(chunk, bytes, 0, false).decompress();
    cache.keep(chunk.digest(), bytes, 0, bytes.length);
    return raw;
  }

  /** The chunks turned out to be others than those of the archive: they are not kept. */
  public void forget(List<Chunk> chunks) {
    chunks.forEach(chunk -> cache.remove(chunk.digest()));
  }

  /** What there is so far of a run. */
  private static final class Progress {
    private final List<Chunk> wanted;
    private final @Nullable StoredChunk[] found;

    Progress(List<Chunk> wanted) {
      this.wanted = wanted;
      this.found = new StoredChunk[wanted.size()];
    }

    boolean isComplete() {
      return missing(chunk -> true).isEmpty();
    }

    List<Chunk> missing(Predicate<Chunk> which) {
      List<Chunk> missing = new ArrayList<>();
      for (int i = 0; i < found.length; i++) {
        if (found[i] == null && which.test(wanted.get(i))) {
          missing.add(wanted.get(i));
        }
      }
      return missing;
    }

    /** One of the same content that another compressor has made is not the one. */
    void look(ChunkCache cache, Watch watch, Predicate<Chunk> which) {
      for (Chunk chunk : missing(which)) {
        Optional<byte[]> bytes =
            cache.find(chunk.digest()).filter(it -> it.length == chunk.length());
        if (bytes.isPresent()) {
          put(new StoredChunk(chunk, bytes.get(), 0, true));
          watch.looked(chunk.length(), true);
        }
      }
    }

    void put(StoredChunk stored) {
      for (int i = 0; i < found.length; i++) {
        if (found[i] == null && wanted.get(i).offset() == stored.chunk().offset()) {
          found[i] = stored;
        }
      }
    }

    List<StoredChunk> chunks() {
      List<StoredChunk> all = new ArrayList<>();
      for (StoredChunk each : found) {
        if (each == null) {
          throw new IllegalStateException("a chunk was not brought");
        }
        all.add(each);
      }
      return all;
    }
  }
}
