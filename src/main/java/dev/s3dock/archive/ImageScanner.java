package dev.s3dock.archive;

import java.io.IOException;

/**
 * Finds out what a source holds without keeping it: how an archive without an index is verified.
 */
@SuppressWarnings({
  "ObjectToString",
  "DoNotCallSuggester",
  "InputStreamSlowMultibyteRead"
}) // until it is written
public final class ImageScanner {
  private ImageScanner() {}

  /**
   * Reads the source to its end and verifies every layer of the image against its config.
   *
   * @throws CorruptArchiveException if the source is truncated, forged or contradicts itself
   * @throws UnsuitableImageException if there is no one image in it
   * @throws IOException if it cannot be read
   */
  public static ImageSummary scan(ImageSource source) throws IOException {
    throw new UnsupportedOperationException("not yet: " + source);
  }
}
