package dev.s3dock.archive.source;

import dev.s3dock.archive.CorruptArchiveException;
import dev.s3dock.archive.HashingInputStream;
import java.io.IOException;
import java.util.List;

/**
 * Finds out what a source holds without keeping it: how an archive without an index is verified.
 */
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
    return summary(source.read(HashingInputStream::finish));
  }

  /**
   * As {@link #scan}, of a source that is going to be loaded as it is.
   *
   * @throws CorruptArchiveException also if there is any other image in it
   */
  public static ImageSummary scanAlone(ImageSource source) throws IOException {
    SourceImage image = source.read(HashingInputStream::finish);
    if (!image.alone()) {
      throw new CorruptArchiveException(source + " holds other images too");
    }
    return summary(image);
  }

  private static ImageSummary summary(SourceImage image) {
    return new ImageSummary(
        image.config().digest(),
        image.config().platform(),
        image.config().diffIds(),
        List.copyOf(image.names()));
  }
}
