package dev.s3dock.archive;

import dev.s3dock.image.ImageReference;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.function.LongConsumer;

/** Compresses an image's layers, on several threads, into a spool of members as they arrive. */
public final class ArchivePacker {
  private final Path spoolDirectory;
  private final Compression compression;
  private final int threads;

  /**
   * Creates a packer.
   *
   * @param spoolDirectory where the temporary file goes; must exist. It takes about as much room as
   *     the archive
   * @param threads that compress, at least 1
   */
  public ArchivePacker(Path spoolDirectory, Compression compression, int threads) {
    this.spoolDirectory = spoolDirectory;
    this.compression = compression;
    this.threads = threads;
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
    ExecutorService workers = Tasks.processorThreads(threads, "s3dock-compress");
    Spool spool = Spool.create(spoolDirectory);
    try {
      MemberCompressor compressor =
          new MemberCompressor(spool, compression, workers, rawBytesPacked);
      SourceImage image = source.read(compressor);
      compressor.finish();
      List<PackedLayer> layers = image.sizes().keySet().stream().map(compressor::layer).toList();
      return PackedImage.of(image, reference, compression, layers, spool);
    } catch (IOException | RuntimeException | Error e) {
      closeAfter(e, spool);
      throw e;
    } finally {
      Tasks.stop(workers);
    }
  }

  private static void closeAfter(Throwable failure, Spool spool) {
    try {
      spool.close();
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }
}
