package dev.s3dock.archive;

/**
 * The limits of format 1, as {@code docs/archive-format.md} states them. A writer keeps them, a
 * reader refuses what exceeds them.
 */
public final class FormatLimits {
  /** Most raw bytes of a chunk. */
  public static final int MAX_CHUNK_BYTES = 4 << 20;

  /**
   * Most bytes of a compressed chunk: more than gzip or zstd need for bytes that do not compress.
   */
  public static final int MAX_STORED_CHUNK_BYTES = MAX_CHUNK_BYTES + (MAX_CHUNK_BYTES >> 8) + 82;

  /** Most layers of an image, repeated ones counted. */
  public static final int MAX_LAYERS = 4096;

  /** Largest JSON document of an image, in bytes. */
  public static final int MAX_DOCUMENT_BYTES = 8 << 20;

  private FormatLimits() {}
}
