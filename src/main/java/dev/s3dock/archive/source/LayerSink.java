package dev.s3dock.archive.source;

import dev.s3dock.archive.HashingInputStream;
import dev.s3dock.image.Digest;
import java.io.IOException;

/** Takes the layers of a source as they pass by, also of images that turn out not to be wanted. */
@FunctionalInterface
public interface LayerSink {
  /**
   * Reads the uncompressed tar of one layer to its end.
   *
   * @return its digest, from {@link HashingInputStream#finish}
   */
  Digest take(HashingInputStream tar) throws IOException;
}
