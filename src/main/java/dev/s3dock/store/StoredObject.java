package dev.s3dock.store;

/** A small object read whole, with the token of the state that was read. */
@SuppressWarnings("ArrayRecordComponent") // bytes of an object, never compared
public record StoredObject(ObjectKey key, byte[] content, ETag etag) {}
