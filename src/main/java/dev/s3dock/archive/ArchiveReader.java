package dev.s3dock.archive;

import dev.s3dock.image.Digest;
import dev.s3dock.image.ImageReference;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.function.Predicate;

/**
 * Reads a stored archive by ranges, in parallel, and trusts none of its bytes: sha256 per member,
 * diff_id per layer, the config's digest, and the tail byte for byte as config, layers and
 * reference imply it.
 */
@SuppressWarnings({
  "ObjectToString",
  "DoNotCallSuggester",
  "InputStreamSlowMultibyteRead"
}) // until it is written
public final class ArchiveReader {
  /**
   * Creates a reader.
   *
   * @param reference the image's name in the archive
   * @param fetcher called from several threads
   * @param threads that decompress
   */
  public ArchiveReader(
      ArchiveIndex index, ImageReference reference, RangeFetcher fetcher, int threads) {
    throw new UnsupportedOperationException("not yet: " + index + reference + fetcher + threads);
  }

  /**
   * The whole uncompressed tar. Its {@code read} throws {@link CorruptArchiveException} instead of
   * reporting an end that was not reached with everything verified. Close it to stop its threads.
   *
   * @throws CorruptArchiveException if the tail is not what the index and the reference say
   */
  public InputStream openTar() throws IOException {
    return openTar(layer -> true);
  }

  /**
   * The uncompressed tar without the blobs of some layers.
   *
   * @param wantedLayers diff_ids of the layers that are fetched
   */
  public InputStream openTar(Predicate<Digest> wantedLayers) throws IOException {
    throw new UnsupportedOperationException("not yet: " + wantedLayers);
  }

  /** The image config, verified. */
  public byte[] config() throws IOException {
    throw new UnsupportedOperationException("not yet");
  }

  /**
   * Writes the image as an OCI image layout of uncompressed layers. Into a folder that is one
   * already, it adds the blobs that are missing and replaces the image of the same name. Nothing
   * refers to the image before all of it is on disk.
   *
   * @param directory absent, empty or an OCI layout
   * @throws IOException if it is something else, or cannot be written
   */
  public void writeOciLayout(Path directory) throws IOException {
    throw new UnsupportedOperationException("not yet: " + directory);
  }
}
