package dev.s3dock.transfer.pull;

/**
 * What a pull did.
 *
 * @param skipped the image was there already, under the right identity
 * @param bytesFetched of the archive, those of tries that failed included
 * @param bytesSaved of the archive, that were not fetched because what they hold was there
 * @param bytesCached of the archive, that came from the cache of this machine
 */
public record PullResult(boolean skipped, long bytesFetched, long bytesSaved, long bytesCached) {
  public PullResult {
    if (bytesFetched < 0 || bytesSaved < 0 || bytesCached < 0) {
      throw new IllegalArgumentException(
          "fetched %d, saved %d, cached %d".formatted(bytesFetched, bytesSaved, bytesCached));
    }
  }

  /** Without a cache. */
  PullResult(boolean skipped, long bytesFetched, long bytesSaved) {
    this(skipped, bytesFetched, bytesSaved, 0);
  }
}
