package dev.s3dock.store;

import java.time.Instant;

/**
 * A multipart upload that a store knows of and that is neither complete nor aborted.
 *
 * @param key of the object that it would become
 * @param id the store's name for it
 * @param started by the store's clock
 */
public record UnfinishedUpload(ObjectKey key, String id, Instant started) {}
