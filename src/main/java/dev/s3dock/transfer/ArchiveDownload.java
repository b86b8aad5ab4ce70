package dev.s3dock.transfer;

import dev.s3dock.archive.RangeFetcher;
import dev.s3dock.store.ByteRange;
import dev.s3dock.store.ObjectStat;
import dev.s3dock.store.ObjectStore;
import dev.s3dock.store.StoreException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Reads ranges of one state of an archive. A range that breaks off is read again on its own, after
 * a growing pause.
 */
final class ArchiveDownload implements RangeFetcher {
  private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);

  private final ObjectStore store;
  private final ObjectStat archive;
  private final int retries;
  private final Progress.Step step;

  ArchiveDownload(ObjectStore store, ObjectStat archive, int retries, Progress.Step step) {
    this.store = store;
    this.archive = archive;
    this.retries = retries;
    this.step = step;
  }

  /** The archive was replaced while it was read: the metadata must be read again. */
  static final class ArchiveChangedException extends IOException {
    private static final long serialVersionUID = 1L;

    ArchiveChangedException(ObjectStat archive) {
      super(archive.key() + " was replaced while it was read");
    }
  }

  @Override
  public byte[] fetch(long offset, int length) throws IOException {
    for (int attempt = 0; ; attempt++) {
      try (InputStream in =
          store.read(archive.key(), new ByteRange(offset, length), archive.etag())) {
        byte[] bytes = in.readNBytes(length);
        if (bytes.length != length) {
          throw new IOException(
              "%s ended %d bytes early".formatted(archive.key(), length - bytes.length));
        }
        step.advance(length);
        return bytes;
      } catch (StoreException e) {
        if (e.kind() == StoreException.Kind.PRECONDITION_FAILED) {
          throw new ArchiveChangedException(archive);
        }
        if (!e.retryable() || attempt >= retries) {
          throw e;
        }
      } catch (InterruptedIOException e) {
        throw e;
      } catch (IOException e) {
        if (attempt >= retries) {
          throw new StoreException(
              StoreException.Kind.UNAVAILABLE,
              "the connection broke while %s was read (%s), %d times; try again"
                  .formatted(archive.key(), e.getMessage(), attempt + 1),
              e);
        }
      }
      pause(attempt);
    }
  }

  private static void pause(int attempt) throws InterruptedIOException {
    long ceiling =
        Math.min(LONGEST_PAUSE.toMillis(), FIRST_PAUSE.toMillis() << Math.min(attempt, 10));
    try {
      Thread.sleep(ThreadLocalRandom.current().nextLong(ceiling / 2, ceiling + 1));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    }
  }
}
