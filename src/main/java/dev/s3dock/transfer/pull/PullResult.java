package dev.s3dock.transfer.pull;

/**
 * What a pull did.
 *
 * @param skipped the image was there already, under the right identity
 * @param bytesFetched of the archive, those of tries that failed included
 * @param bytesSaved of the archive, that were not fetched because what they hold was there
 */
public record PullResult(boolean skipped, long bytesFetched, long bytesSaved) {
  public PullResult {
    if (bytesFetched < 0 || bytesSaved < 0) {
      throw new IllegalArgumentException("fetched " + bytesFetched + ", saved " + bytesSaved);
    }
  }
}
