package dev.s3dock.transfer.pull;

import dev.s3dock.archive.CorruptArchiveException;
import dev.s3dock.image.FailureWords;
import dev.s3dock.registry.Images;
import dev.s3dock.registry.Published;
import dev.s3dock.transfer.ArchiveDownload.ArchiveChangedException;
import dev.s3dock.transfer.TransferException;
import java.io.IOException;

/** Reads a published image, whose archive may be replaced meanwhile. */
final class PublishedRead {
  private static final int MAX_TRIES = 3;

  private PublishedRead() {}

  /** One try to read what is published. */
  interface Attempt<T> {
    T read(Published image) throws IOException;
  }

  /**
   * Reads, and starts over with the metadata of now when the archive is replaced meanwhile.
   *
   * @throws TransferException {@link TransferException.Kind#INTEGRITY} if the archive is damaged;
   *     {@link TransferException.Kind#CHANGED} if it was replaced at each try
   */
  static <T> T of(Images images, Published image, Attempt<T> attempt) throws IOException {
    Published now = image;
    for (int tries = 1; ; tries++) {
      try {
        return attempt.read(now);
      } catch (CorruptArchiveException e) {
        throw damaged(now, e);
      } catch (ArchiveChangedException e) {
        if (tries == MAX_TRIES) {
          throw new TransferException(
              TransferException.Kind.CHANGED,
              "%s was replaced %d times while it was read; try again when no push of it is running"
                  .formatted(now.archive(), tries),
              e);
        }
        now = images.require(now.key());
      }
    }
  }

  private static TransferException damaged(Published image, CorruptArchiveException cause) {
    return new TransferException(
        TransferException.Kind.INTEGRITY,
        "%s is damaged: %s; push it again with --force from where it was built"
            .formatted(image.archive(), FailureWords.of(cause)),
        cause);
  }
}
