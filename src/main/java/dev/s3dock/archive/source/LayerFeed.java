package dev.s3dock.archive.source;

import dev.s3dock.image.Digest;
import java.io.IOException;
import java.util.Optional;

/** Layers of one image that come one by one, in any order, and its config after them. */
public interface LayerFeed {
  /**
   * Waits for the next layer that is wanted; the one before must have been read.
   *
   * @return empty when all have come
   * @throws IOException if no more will come, and some are missing
   */
  Optional<OfferedLayer> next() throws IOException;

  /** Tells that the last one has been read. */
  void taken(Digest diffId);

  /** The image config, once {@link #next} has told the end. */
  byte[] config() throws IOException;
}
