package dev.s3dock.archive.source;

import dev.s3dock.archive.Chunk;
import dev.s3dock.archive.LayerEntry;
import dev.s3dock.archive.LeadingLayers;
import dev.s3dock.image.Digest;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.util.Arrays;
import java.util.Optional;

/**
 * A layer that somebody is sending, perhaps compressed, of which only the beginning has been read.
 */
public final class OfferedLayer {
  private static final int BUFFER = 64 << 10;

  private final InputStream tar;
  private byte[] read = {};

  private OfferedLayer(InputStream tar) {
    this.tar = tar;
  }

  /**
   * Begins to read one.
   *
   * @param blob gzip, zstd or a plain tar; not closed
   * @param name what messages call it
   */
  public static OfferedLayer of(InputStream blob, String name) throws IOException {
    Expansion expansion = new Expansion();
    BufferedInputStream in = new BufferedInputStream(expansion.source(blob), BUFFER);
    return new OfferedLayer(Encoding.detect(in).decode(in, name, expansion.level()));
  }

  /**
   * Which of these it seems to be: it begins with the same two chunks. No more of it is read than
   * these.
   */
  public Optional<LayerEntry> among(LeadingLayers known) throws IOException {
    for (LayerEntry layer : known.layers()) {
      if (beginsAs(layer)) {
        return Optional.of(layer);
      }
    }
    return Optional.empty();
  }

  private boolean beginsAs(LayerEntry layer) throws IOException {
    int at = 0;
    for (Chunk chunk : layer.chunks().stream().limit(2).toList()) {
      int end = at + chunk.rawLength();
      if (!readTo(end) || !Digest.of(Arrays.copyOfRange(read, at, end)).equals(chunk.digest())) {
        return false;
      }
      at = end;
    }
    return layer.size() > at || !readTo(at + 1);
  }

  /** False if there are not so many bytes. */
  private boolean readTo(int end) throws IOException {
    if (read.length < end) {
      byte[] more = tar.readNBytes(end - read.length);
      int before = read.length;
      read = Arrays.copyOf(read, before + more.length);
      System.arraycopy(more, 0, read, before, more.length);
    }
    return read.length >= end;
  }

  /** All of it, uncompressed. To be called once. */
  public InputStream tar() {
    return new SequenceInputStream(new ByteArrayInputStream(read), tar);
  }
}
