package dev.s3dock.archive.read;

import java.io.IOException;

/**
 * Gets bytes of one state of one stored archive. Called from several threads at once.
 *
 * <p>It does not verify, cache or order anything; {@link ArchiveReader} does. Retries are its own
 * business: what it throws ends the read.
 */
@FunctionalInterface
public interface RangeFetcher {
  /**
   * Returns exactly {@code length} bytes of the archive.
   *
   * @param offset of the first byte
   * @throws IOException if they cannot be had
   */
  byte[] fetch(long offset, int length) throws IOException;
}
