package dev.s3dock.transfer.pull;

import dev.s3dock.archive.ArchiveIndex;
import dev.s3dock.archive.CorruptArchiveException;
import dev.s3dock.archive.read.ArchiveProof;
import dev.s3dock.registry.Published;
import dev.s3dock.transfer.ArchiveFile;
import dev.s3dock.transfer.LegacyArchives;
import dev.s3dock.transfer.PublishedIndex;
import dev.s3dock.transfer.TransferException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Whether a file is the archive of a published image: each of its members, the layers, the config,
 * the name in it and its MD5.
 *
 * @param threads that decompress, at least 1
 */
record FileProof(int threads) {
  /** True if the file is the archive. */
  boolean holds(Published image, Path file) throws IOException {
    try {
      require(image, file);
      return true;
    } catch (CorruptArchiveException e) {
      return false;
    } catch (TransferException e) {
      if (e.kind() == TransferException.Kind.INTEGRITY) {
        return false;
      }
      throw e;
    }
  }

  /**
   * Reads the whole file.
   *
   * @throws CorruptArchiveException if it is another archive than the index and the name say
   * @throws TransferException {@link TransferException.Kind#INTEGRITY} if its MD5 is another one
   */
  void require(Published image, Path file) throws IOException {
    Optional<ArchiveIndex> index = PublishedIndex.of(image);
    if (index.isEmpty()) {
      if (!ArchiveFile.isComplete(image, file)) {
        throw ArchiveFile.damaged(image);
      }
      LegacyArchives.verified(file, image);
      return;
    }
    try (InputStream in = Files.newInputStream(file)) {
      ArchiveProof.prove(
          in, index.get(), image.key().reference(), image.metadata().checksum(), threads);
    }
  }
}
