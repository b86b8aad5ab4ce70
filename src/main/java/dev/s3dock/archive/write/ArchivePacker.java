package dev.s3dock.archive.write;

import dev.s3dock.archive.Compression;
import dev.s3dock.archive.CorruptArchiveException;
import dev.s3dock.archive.LayerEntry;
import dev.s3dock.archive.LeadingLayers;
import dev.s3dock.archive.cache.ChunkCache;
import dev.s3dock.archive.source.ImageSource;
import dev.s3dock.archive.source.SourceImage;
import dev.s3dock.archive.source.UnsuitableImageException;
import dev.s3dock.concurrent.Tasks;
import dev.s3dock.image.Digest;
import dev.s3dock.image.ImageReference;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutorService;

/** Compresses an image's layers, on several threads, into a spool of chunks as they arrive. */
public final class ArchivePacker {
  private final Path spoolDirectory;
  private final Compression compression;
  private final int threads;
  private final ChunkCache cache;

  /**
   * Packs with this compression; chunks that the cache has are not compressed again.
   *
   * @param spoolDirectory where the temporary file goes; must exist. It takes about as much room as
   *     the archive
   * @param threads that compress, at least 1
   * @param cache of this compression
   */
  public ArchivePacker(
      Path spoolDirectory, Compression compression, int threads, ChunkCache cache) {
    this.spoolDirectory = spoolDirectory;
    this.compression = compression;
    this.threads = threads;
    this.cache = cache;
  }

  /** Packs all layers, see below. */
  public PackedImage pack(ImageSource source, ImageReference reference, PackingListener listener)
      throws IOException {
    return pack(source, reference, LeadingLayers.NONE, listener);
  }

  /**
   * Reads the source to its end. Nothing stays in the spool if this fails or is interrupted.
   *
   * @param reference the image's name in the archive
   * @param leading layers that the image is known to have and that need not be packed
   * @param listener is called on this thread
   * @throws LayerMistakenException if one of the leading layers cannot be told from another layer
   * @throws CorruptArchiveException if the source is truncated, forged or contradicts itself
   * @throws UnsuitableImageException if there is no one image in it
   * @throws java.io.InterruptedIOException if the thread is interrupted
   * @throws IOException if the source cannot be read, or the spool cannot be written
   */
  public PackedImage pack(
      ImageSource source, ImageReference reference, LeadingLayers leading, PackingListener listener)
      throws IOException {
    ExecutorService workers = Tasks.processorThreads(threads, "s3dock-compress");
    Spool spool = Spool.create(spoolDirectory);
    try {
      ChunkCompressor compressor =
          new ChunkCompressor(spool, compression, workers, leading, cache, listener);
      SourceImage image = source.read(compressor);
      compressor.finish();
      requireLeading(image, leading);
      List<PackedLayer> layers =
          image.sizes().keySet().stream()
              .skip(leading.layers().size())
              .map(compressor::layer)
              .toList();
      return PackedImage.of(
          image, reference, compression, leading, layers, compressor.fresh(), spool);
    } catch (IOException | RuntimeException | Error e) {
      closeAfter(e, spool);
      throw e;
    } finally {
      Tasks.stop(workers);
    }
  }

  private static void requireLeading(SourceImage image, LeadingLayers leading)
      throws LayerMistakenException {
    List<Digest> expected = leading.layers().stream().map(LayerEntry::diffId).toList();
    List<Digest> found = image.sizes().keySet().stream().limit(expected.size()).toList();
    if (!found.equals(expected)) {
      throw new LayerMistakenException(
          "the image begins with %s, not with %s".formatted(found, expected));
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
