package dev.s3dock.archive.write;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Optional;

/** Reads a layer chunk by chunk. Holds {@value #BUFFER_BYTES} bytes. */
public final class ChunkReader {
  private static final int BUFFER_BYTES = 2 * Chunker.MAX_BYTES;

  private final InputStream layer;
  private final byte[] buffer = new byte[BUFFER_BYTES];
  private boolean begun;
  private int start;
  private int end;

  public ChunkReader(InputStream layer) {
    this.layer = layer;
  }

  /** The next chunk, in an array of its own; empty at the end of the layer. */
  public Optional<byte[]> next() throws IOException {
    if (end - start < Chunker.MAX_BYTES) {
      fill();
    }
    if (start == end) {
      return Optional.empty();
    }
    int length =
        begun ? Chunker.cut(buffer, start, end - start) : Math.min(end - start, Chunker.HEAD_BYTES);
    begun = true;
    byte[] chunk = Arrays.copyOfRange(buffer, start, start + length);
    start += length;
    return Optional.of(chunk);
  }

  private void fill() throws IOException {
    System.arraycopy(buffer, start, buffer, 0, end - start);
    end -= start;
    start = 0;
    end += layer.readNBytes(buffer, end, buffer.length - end);
  }
}
