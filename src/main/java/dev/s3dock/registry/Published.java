package dev.s3dock.registry;

import dev.s3dock.store.ETag;

/**
 * A published image.
 *
 * @param key whose {@code archive()} is the one that the metadata describes
 * @param state of the metadata object
 */
public record Published(ImageKey key, ImageMetadata metadata, ETag state) {}
