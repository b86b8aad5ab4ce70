package dev.s3dock.archive;

/**
 * The last run of an archive: what follows the content of its last layer.
 *
 * @param offset of its first byte in the archive
 * @param length compressed bytes
 */
public record Tail(long offset, int length) {
  /** Offset of the first byte after it: the size of the archive. */
  long end() {
    return offset + length;
  }
}
