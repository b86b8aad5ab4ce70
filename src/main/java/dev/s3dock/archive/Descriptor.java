package dev.s3dock.archive;

import dev.s3dock.image.Digest;

/**
 * What stands for a blob in the documents of a registry (image-spec descriptor.md).
 *
 * @param digest SHA-256 of its bytes
 * @param size bytes
 * @throws IllegalArgumentException if the size is negative
 */
public record Descriptor(String mediaType, Digest digest, long size) {
  public Descriptor {
    if (size < 0) {
      throw new IllegalArgumentException("the size of " + digest + " is negative");
    }
  }
}
