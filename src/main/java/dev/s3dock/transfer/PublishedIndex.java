package dev.s3dock.transfer;

import dev.s3dock.archive.ArchiveIndex;
import dev.s3dock.archive.CorruptArchiveException;
import dev.s3dock.registry.Published;
import java.util.Optional;

/** The index of a published archive, out of its metadata. */
public final class PublishedIndex {
  private PublishedIndex() {}

  /**
   * The index; empty for an archive of the original.
   *
   * @throws TransferException {@link TransferException.Kind#INTEGRITY} if it contradicts itself or
   *     the metadata around it
   */
  public static Optional<ArchiveIndex> of(Published published) {
    try {
      return parse(published);
    } catch (CorruptArchiveException e) {
      throw new TransferException(
          TransferException.Kind.INTEGRITY,
          "the index in %s is damaged: %s; push the image again to replace this one"
              .formatted(published.key().metadata(), e.getMessage()),
          e);
    }
  }

  /**
   * As {@link #of}.
   *
   * @throws CorruptArchiveException if it contradicts itself or the metadata around it
   */
  public static Optional<ArchiveIndex> parse(Published published) throws CorruptArchiveException {
    if (published.metadata().index().isEmpty()) {
      return Optional.empty();
    }
    ArchiveIndex index = ArchiveIndex.parse(published.metadata().index().get());
    if (index.size() != published.metadata().size()) {
      throw new CorruptArchiveException(
          "the index covers %d bytes, the metadata says %d"
              .formatted(index.size(), published.metadata().size()));
    }
    return Optional.of(index);
  }
}
