package dev.s3dock.transfer;

import dev.s3dock.archive.CorruptArchiveException;
import dev.s3dock.archive.cache.ChunkCache;
import dev.s3dock.archive.codec.ChunkCodec;
import dev.s3dock.archive.read.ArchiveReader;
import dev.s3dock.archive.read.RangeFetcher;
import dev.s3dock.archive.source.ImageScanner;
import dev.s3dock.archive.source.ImageSource;
import dev.s3dock.archive.source.ImageSummary;
import dev.s3dock.archive.source.UnsuitableImageException;
import dev.s3dock.archive.write.ArchiveInput;
import dev.s3dock.archive.write.ArchivePacker;
import dev.s3dock.archive.write.PackedImage;
import dev.s3dock.image.FailureWords;
import dev.s3dock.image.ImageReference;
import dev.s3dock.registry.Published;
import dev.s3dock.store.ObjectStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * Archives without an index, as the original wrote them: read whole into a temporary file, verified
 * by their MD5 before a byte of them is used.
 */
public final class LegacyArchives {
  private final ObjectStore store;
  private final Path spool;
  private final int retries;
  private final TransferProgress progress;

  /**
   * Reads archives of the original s3dock from this store.
   *
   * @param spool folder for the temporary files
   * @param retries how often a broken read is tried again
   */
  public LegacyArchives(ObjectStore store, Path spool, int retries, TransferProgress progress) {
    this.store = store;
    this.spool = spool;
    this.retries = retries;
    this.progress = progress;
  }

  /** What is done with the verified file, before it is deleted. */
  public interface Use<T> {
    T with(Path file) throws IOException;
  }

  /** Reads any archive whole into a temporary file, and compares its MD5. */
  public <T> T download(Published published, Use<T> use) throws IOException {
    Path file = temporary("s3dock-pull-");
    try {
      new ArchiveFile(store, retries, progress).download(published, file);
      return use.with(file);
    } finally {
      Files.deleteIfExists(file);
    }
  }

  private Path temporary(String prefix) throws IOException {
    try {
      return Files.createTempFile(spool, prefix, ".tar.gz");
    } catch (IOException e) {
      throw FailureWords.noTemporary(spool, e);
    }
  }

  /** Which image the archive holds. */
  public ImageSummary identify(Published published) throws IOException {
    return download(published, file -> ImageScanner.scan(source(file, published)));
  }

  /**
   * Which image a file with an archive holds, after all of it was verified but its MD5.
   *
   * @throws CorruptArchiveException if that is not one image alone, named as it is published
   */
  public static ImageSummary verified(Path file, Published published) throws IOException {
    return verified(source(file, published), published.key().reference());
  }

  /** As {@link #verified(Path, Published)}. */
  public static ImageSummary verified(ImageSource source, ImageReference reference)
      throws IOException {
    try {
      ImageSummary summary = ImageScanner.scanAlone(source);
      for (String name : summary.references()) {
        if (!isNameOf(reference, name)) {
          throw new CorruptArchiveException(
              "%s names its image %s, which is not %s".formatted(source, name, reference));
        }
      }
      return summary;
    } catch (UnsuitableImageException e) {
      throw new CorruptArchiveException(String.valueOf(e.getMessage()), e);
    }
  }

  /** A registry may stand in front; and OCI tools keep the tag alone. */
  private static boolean isNameOf(ImageReference reference, String name) {
    return name.equals(reference.toString())
        || name.endsWith("/" + reference)
        || name.equals(reference.tag());
  }

  public static ImageSource source(Path file, Published published) throws IOException {
    return ImageSource.ofFile(file).withReference(published.key().reference().toString());
  }

  private static RangeFetcher fetcher(Path archive) {
    return (offset, length) -> {
      try (FileChannel channel = FileChannel.open(archive, StandardOpenOption.READ)) {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        while (bytes.hasRemaining() && channel.read(bytes, offset + bytes.position()) >= 0) {}
        return bytes.array();
      }
    };
  }

  /** Writes the image as an OCI image layout, by way of an archive of format 1. */
  public Published writeLayout(Published published, Path folder, int threads) throws IOException {
    return download(
        published,
        file -> {
          ImageReference reference = published.key().reference();
          verified(file, published);
          Path archive = temporary("s3dock-layout-");
          try (PackedImage packed =
                  new ArchivePacker(spool, ChunkCodec.standard(), threads, ChunkCache.none())
                      .pack(source(file, published), reference, bytes -> {});
              ArchiveInput input = packed.open()) {
            Files.copy(input, archive, StandardCopyOption.REPLACE_EXISTING);
            new ArchiveReader(input.index(), reference, fetcher(archive), threads)
                .writeOciLayout(folder);
          } finally {
            Files.deleteIfExists(archive);
          }
          return published;
        });
  }
}
