package dev.s3dock.archive;

import dev.s3dock.image.Platform;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;

/**
 * Where an image comes from: what {@code docker save} sends, a file of that form or an OCI archive
 * (plain, gzip or zstd), or an OCI layout folder. It is read in one pass, in bounded memory.
 */
@SuppressWarnings({
  "ObjectToString",
  "DoNotCallSuggester",
  "InputStreamSlowMultibyteRead"
}) // until it is written
public final class ImageSource {
  private ImageSource() {}

  /**
   * A stream such as {@code docker save} sends, read once and not closed.
   *
   * @param name what messages call it
   */
  public static ImageSource ofStream(InputStream stream, String name) {
    throw new UnsupportedOperationException("not yet: " + name + stream);
  }

  /**
   * A file, or an OCI layout folder.
   *
   * @throws IOException if there is neither at this path
   */
  public static ImageSource of(Path path) throws IOException {
    throw new UnsupportedOperationException("not yet: " + path);
  }

  /** A docker-archive or OCI archive; plain, gzip or zstd. */
  public static ImageSource ofFile(Path file) {
    throw new UnsupportedOperationException("not yet: " + file);
  }

  /** A folder that holds {@code oci-layout}, {@code index.json} and {@code blobs/}. */
  public static ImageSource ofOciLayout(Path directory) {
    throw new UnsupportedOperationException("not yet: " + directory);
  }

  /** Takes the image of this platform where the source holds several. */
  public ImageSource withPlatform(Platform platform) {
    throw new UnsupportedOperationException("not yet: " + platform);
  }

  /**
   * Takes the image of this name where the source holds several; a source of one image may call it
   * what it likes.
   *
   * @param reference such as {@code myapp:20250721-2118-f7a5a27}
   */
  public ImageSource withReference(String reference) {
    throw new UnsupportedOperationException("not yet: " + reference);
  }
}
