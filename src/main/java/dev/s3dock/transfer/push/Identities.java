package dev.s3dock.transfer.push;

import dev.s3dock.archive.ArchiveIndex;
import dev.s3dock.archive.CorruptArchiveException;
import dev.s3dock.engine.Engine;
import dev.s3dock.engine.EngineImage;
import dev.s3dock.image.Digest;
import dev.s3dock.registry.Published;
import dev.s3dock.store.ObjectStore;
import dev.s3dock.transfer.ArchiveFile;
import dev.s3dock.transfer.LegacyArchives;
import dev.s3dock.transfer.PublishedIndex;
import dev.s3dock.transfer.TransferException;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * Finds out whether an image is published already, by its image ID. What is damaged counts as
 * another image: it is set aside, and what is pushed takes its place.
 */
final class Identities {
  private final ObjectStore store;
  private final LegacyArchives legacy;
  private final KnownImages known;

  Identities(ObjectStore store, LegacyArchives legacy, KnownImages known) {
    this.store = store;
    this.legacy = legacy;
    this.known = known;
  }

  /** The one that the engine's ID proves to be the same image, without an export. */
  Optional<Published> find(List<Published> platforms, EngineImage held) throws IOException {
    for (Published variant : platforms) {
      if (seemsSame(variant, held) && isWhole(variant)) {
        return Optional.of(variant);
      }
    }
    return Optional.empty();
  }

  /**
   * True if the engine's ID proves that the metadata is of the same image. Whether its archive is
   * there, {@link #isWhole} tells.
   */
  boolean seemsSame(Published variant, EngineImage held) {
    try {
      return PublishedIndex.of(variant).filter(index -> isOf(held, index.imageId())).isPresent();
    } catch (TransferException damaged) {
      return false;
    }
  }

  /** True if the engine's ID proves that its image has this config. */
  boolean isOf(EngineImage held, Digest imageId) {
    return held.id().equals(imageId.toString())
        || known.find(held).filter(imageId::equals).isPresent();
  }

  /** True if the archive is there, in its size. */
  boolean isWhole(Published variant) {
    try {
      ArchiveFile.archiveOf(store, variant);
      return true;
    } catch (TransferException damaged) {
      return false;
    }
  }

  /** The one that is this image. An archive of the original is read for that. */
  Optional<Published> find(List<Published> platforms, Digest imageId) throws IOException {
    for (Published variant : platforms) {
      if (isSame(variant, imageId)) {
        return Optional.of(variant);
      }
    }
    return Optional.empty();
  }

  private boolean isSame(Published variant, Digest imageId) throws IOException {
    try {
      ArchiveFile.archiveOf(store, variant);
      Optional<ArchiveIndex> index = PublishedIndex.of(variant);
      Digest published =
          index.isPresent() ? index.get().imageId() : legacy.identify(variant).imageId();
      return published.equals(imageId);
    } catch (TransferException | CorruptArchiveException damaged) {
      return false;
    }
  }

  /** What was exported is the image that was looked at, if its name has not moved since. */
  void remember(Engine engine, String name, EngineImage held, Digest imageId) {
    if (held.id().equals(imageId.toString())) {
      return; // the ID tells by itself
    }
    if (engine.inspect(name).map(EngineImage::id).equals(Optional.of(held.id()))) {
      known.remember(held, imageId);
    }
  }
}
