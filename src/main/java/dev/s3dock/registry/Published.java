package dev.s3dock.registry;

import dev.s3dock.store.ETag;
import dev.s3dock.store.ObjectKey;

/**
 * A published image.
 *
 * @param state of the metadata object
 */
public record Published(ImageKey key, ImageMetadata metadata, ETag state) {
  /** The key of the archive that the metadata describes. */
  public ObjectKey archive() {
    return key.archive(metadata.form());
  }
}
