package dev.s3dock.distribution;

import dev.s3dock.archive.FormatLimits;
import dev.s3dock.archive.read.ChunkFetcher;
import dev.s3dock.archive.read.FetchRange;
import dev.s3dock.archive.read.StoredChunk;
import java.io.IOException;

/** Bytes of an archive that are fetched at once, and which bytes of a blob they become. */
sealed interface Piece {
  /** Takes bytes, which are used once this returns. */
  interface Sink {
    void write(byte[] bytes, int offset, int length) throws IOException;
  }

  /** Bytes of the blob. */
  long take();

  /** Bytes of memory that it takes while it is worked on. */
  long weight();

  /** Fetches, and hands on the bytes, verified where that can be done before they are all there. */
  void write(ChunkFetcher archive, Sink sink) throws IOException;

  /**
   * As they lie in the archive.
   *
   * @param offset of the first byte in the archive
   */
  record Stored(long offset, int length) implements Piece {
    @Override
    public long take() {
      return length;
    }

    @Override
    public long weight() {
      return length;
    }

    @Override
    public void write(ChunkFetcher archive, Sink sink) throws IOException {
      sink.write(archive.range(offset, length), 0, length);
    }
  }

  /** Whole chunks as they lie in the archive, side by side. */
  record Chunks(FetchRange run) implements Piece {
    @Override
    public long take() {
      return run.length();
    }

    @Override
    public long weight() {
      return run.length();
    }

    @Override
    public void write(ChunkFetcher archive, Sink sink) throws IOException {
      for (StoredChunk chunk : archive.fetch(run)) {
        sink.write(chunk.source(), chunk.start(), chunk.chunk().length());
      }
    }
  }

  /**
   * What chunks hold.
   *
   * @param skip bytes at the beginning that are not wanted
   * @param take bytes that are
   */
  record Decompressed(FetchRange run, long skip, long take) implements Piece {
    @Override
    public long weight() {
      return (long) FormatLimits.MAX_CHUNK_BYTES + run.length();
    }

    @Override
    public void write(ChunkFetcher archive, Sink sink) throws IOException {
      long toSkip = skip;
      long toTake = take;
      for (StoredChunk chunk : archive.fetch(run)) {
        byte[] raw = archive.decompress(chunk);
        int skipped = (int) Math.min(toSkip, raw.length);
        int taken = (int) Math.min(toTake, raw.length - skipped);
        toSkip -= skipped;
        toTake -= taken;
        if (taken > 0) {
          sink.write(raw, skipped, taken);
        }
      }
    }
  }
}
