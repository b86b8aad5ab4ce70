package dev.s3dock.archive.source;

import dev.s3dock.archive.CorruptArchiveException;
import java.io.IOException;
import java.util.Optional;

/** Files of an image source by their path in it. */
interface SourceContents {
  /**
   * A JSON document.
   *
   * @return empty if the source has no such file
   * @throws CorruptArchiveException if the file is no document, or one of more than {@link
   *     FormatLimits#MAX_DOCUMENT_BYTES} bytes, or not what its name says
   */
  Optional<byte[]> document(String path) throws IOException;

  /**
   * A layer; whoever opened the source has seen its bytes by the time this returns.
   *
   * @return empty if the source has no such file
   * @throws CorruptArchiveException if the layer is damaged or not what its name says
   */
  Optional<Blob> layer(String path) throws IOException;

  /** How messages call the source. */
  String name();
}
