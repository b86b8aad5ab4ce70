package dev.s3dock.store;

import java.time.Instant;

/**
 * What a store tells of an object without its bytes.
 *
 * @param size in bytes
 * @param lastModified by the store's clock
 */
public record ObjectStat(ObjectKey key, long size, ETag etag, Instant lastModified) {}
