package dev.s3dock.archive;

import dev.s3dock.image.ImageReference;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.LongConsumer;

/** Compresses an image's layers, on several threads, into a spool of members as they arrive. */
@SuppressWarnings({
  "ObjectToString",
  "DoNotCallSuggester",
  "InputStreamSlowMultibyteRead"
}) // until it is written
public final class ArchivePacker {
  /**
   * Creates a packer.
   *
   * @param spoolDirectory where temporary files go; must exist. They take as much room as the
   *     archive
   * @param threads that compress
   */
  public ArchivePacker(Path spoolDirectory, Compression compression, int threads) {
    throw new UnsupportedOperationException("not yet: " + spoolDirectory + compression + threads);
  }

  /**
   * Reads the source to its end. Nothing stays in the spool if this fails or is interrupted.
   *
   * @param reference the image's name in the archive
   * @param rawBytesPacked is told, on the calling thread, how many more bytes of layers were taken
   * @throws CorruptArchiveException if the source is truncated, forged or contradicts itself
   * @throws UnsuitableImageException if there is no one image in it
   * @throws java.io.InterruptedIOException if the thread is interrupted
   * @throws IOException if the source cannot be read, or the spool cannot be written
   */
  public PackedImage pack(ImageSource source, ImageReference reference, LongConsumer rawBytesPacked)
      throws IOException {
    throw new UnsupportedOperationException("not yet: " + source + reference + rawBytesPacked);
  }
}
