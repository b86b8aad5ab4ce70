package dev.s3dock.distribution;

import dev.s3dock.archive.FormatLimits;
import dev.s3dock.archive.read.FetchRange;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Optional;

/**
 * Bytes of an archive that are fetched at once, and which bytes of a blob they become.
 *
 * @param offset of the first byte in the archive
 * @param length bytes to fetch
 * @param chunks to decompress; empty where the bytes are sent as they are
 * @param skip bytes at the beginning that are not wanted
 * @param take bytes that are
 */
record Piece(long offset, int length, Optional<FetchRange> chunks, long skip, long take) {
  /** Takes bytes, which are used once this returns. */
  interface Sink {
    void write(byte[] bytes, int offset, int length) throws IOException;
  }

  static Piece asStored(long offset, int length) {
    return new Piece(offset, length, Optional.empty(), 0, length);
  }

  static Piece decompressed(FetchRange run, long skip, long take) {
    return new Piece(run.offset(), run.length(), Optional.of(run), skip, take);
  }

  /** Bytes of memory that it takes while it is worked on. */
  long weight() {
    return (chunks.isPresent() ? (long) FormatLimits.MAX_CHUNK_BYTES : 0) + length;
  }

  /** Hands on the wanted bytes, verified where that can be done before they are all there. */
  void write(byte[] fetched, Sink sink) throws IOException {
    if (chunks.isPresent()) {
      chunks.get().decompress(fetched, new Window(sink, skip, take));
    } else {
      sink.write(fetched, 0, length);
    }
  }

  /** Hands on what is wanted of the bytes that are written to it. */
  private static final class Window extends OutputStream {
    private final Sink sink;
    private long skip;
    private long take;

    Window(Sink sink, long skip, long take) {
      this.sink = sink;
      this.skip = skip;
      this.take = take;
    }

    @Override
    public void write(int value) throws IOException {
      write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      int skipped = (int) Math.min(skip, length);
      int taken = (int) Math.min(take, length - skipped);
      skip -= skipped;
      take -= taken;
      if (taken > 0) {
        sink.write(bytes, offset + skipped, taken);
      }
    }
  }
}
