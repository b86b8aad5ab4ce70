package dev.s3dock.store.s3;

import java.time.Duration;

/** A bucket that is not waited for as long as usually. */
public final class ImpatientS3 {
  private ImpatientS3() {}

  /**
   * Opens it.
   *
   * @param stall how long an answer that has begun may say nothing
   */
  public static S3ObjectStore open(S3Settings settings, Duration stall) {
    S3Clients.Timeouts usual = S3Clients.Timeouts.DEFAULT;
    return new S3ObjectStore(
        settings,
        new S3ObjectStore.Tuning(
            new S3Clients.Timeouts(usual.connect(), usual.read(), stall, usual.copy()),
            S3ObjectStore.Tuning.DEFAULT.pageSize(),
            S3Copy.LARGEST,
            S3Copy.PART));
  }
}
