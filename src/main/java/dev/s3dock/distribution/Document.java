package dev.s3dock.distribution;

import dev.s3dock.image.Digest;

/**
 * A manifest or an index as it is sent.
 *
 * @param digest of the bytes
 */
@SuppressWarnings("ArrayRecordComponent") // identified by its digest, never compared
public record Document(String mediaType, Digest digest, byte[] bytes) {
  Document(String mediaType, byte[] bytes) {
    this(mediaType, Digest.of(bytes), bytes);
  }
}
