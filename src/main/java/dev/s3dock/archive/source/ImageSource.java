package dev.s3dock.archive.source;

import dev.s3dock.archive.LeadingLayers;
import dev.s3dock.image.Platform;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where an image comes from: what {@code docker save} sends, a file of that form or an OCI archive
 * (plain, gzip or zstd), or an OCI layout folder. It is read in one pass, in bounded memory.
 *
 * <p>A source is a description; nothing is opened before it is packed or scanned.
 */
public final class ImageSource {
  private final Reading reading;
  private final String name;
  private final Selection selection;

  private ImageSource(Reading reading, String name, Selection selection) {
    this.reading = reading;
    this.name = name;
    this.selection = selection;
  }

  /** Reads the source once, giving its layers to the sink. */
  @FunctionalInterface
  private interface Reading {
    SourceImage read(LayerSink sink, Selection selection) throws IOException;
  }

  /**
   * A stream such as {@code docker save} sends. It can be read once, to its end, and is not closed.
   *
   * @param name what messages call it
   */
  public static ImageSource ofStream(InputStream stream, String name) {
    return new ImageSource(
        (sink, selection) -> SourceImage.find(TarContents.read(stream, name, sink), selection),
        name,
        Selection.ANY);
  }

  /**
   * A file, or an OCI layout folder.
   *
   * @throws NoSuchFileException if there is neither at this path
   */
  public static ImageSource of(Path path) throws IOException {
    if (Files.isDirectory(path)) {
      return ofOciLayout(path);
    }
    if (!Files.exists(path)) {
      throw new NoSuchFileException(path.toString());
    }
    return ofFile(path);
  }

  /** A docker-archive or OCI archive; plain, gzip or zstd. */
  public static ImageSource ofFile(Path file) {
    return new ImageSource(
        (sink, selection) -> {
          try (InputStream in = Files.newInputStream(file)) {
            return SourceImage.find(TarContents.read(in, file.toString(), sink), selection);
          }
        },
        file.toString(),
        Selection.ANY);
  }

  /** A folder that holds {@code oci-layout}, {@code index.json} and {@code blobs/}. */
  public static ImageSource ofOciLayout(Path directory) {
    return new ImageSource(
        (sink, selection) -> SourceImage.find(new LayoutContents(directory, sink), selection),
        directory.toString(),
        Selection.ANY);
  }

  /**
   * Blobs of a registry, of which only those are fetched that the chosen image needs.
   *
   * @param index an OCI index, which lists the images
   * @param name what messages call it
   */
  public static ImageSource ofBlobs(RemoteBlobs blobs, byte[] index, String name) {
    return new ImageSource(
        (sink, selection) ->
            SourceImage.find(new RemoteContents(blobs, index.clone(), name, sink), selection),
        name,
        Selection.ANY);
  }

  /**
   * Layers that come one by one. Those that are known are not read.
   *
   * @param name what messages call it
   */
  public static ImageSource ofFeed(LayerFeed feed, LeadingLayers known, String name) {
    FedImage image = new FedImage(feed, known, name);
    return new ImageSource((sink, selection) -> image.read(sink), name, Selection.ANY);
  }

  /** Takes the image of this platform; without a variant, any variant will do. */
  public ImageSource withPlatform(Platform platform) {
    return new ImageSource(
        reading, name, new Selection(selection.reference(), Optional.of(platform)));
  }

  /**
   * Takes the image of this name where the source holds several; a source of one image may call it
   * what it likes.
   *
   * @param reference such as {@code myapp:20250721-2118-f7a5a27}
   */
  public ImageSource withReference(String reference) {
    return new ImageSource(
        reading, name, new Selection(Optional.of(reference), selection.platform()));
  }

  /** Reads the source once. */
  public SourceImage read(LayerSink sink) throws IOException {
    return reading.read(sink, selection);
  }

  /** How messages call it. */
  @Override
  public String toString() {
    return name;
  }
}
