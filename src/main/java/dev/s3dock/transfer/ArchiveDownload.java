package dev.s3dock.transfer;

import dev.s3dock.archive.read.RangeFetcher;
import dev.s3dock.image.FailureWords;
import dev.s3dock.store.ByteRange;
import dev.s3dock.store.ObjectStat;
import dev.s3dock.store.ObjectStore;
import dev.s3dock.store.StoreException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Reads ranges of one state of an archive. A range that breaks off or stalls goes on, on its own,
 * where it stopped, after a growing pause; a store that asks to slow down gets fewer requests at
 * once and is given more time.
 */
public final class ArchiveDownload implements RangeFetcher {
  /** Requests at once while the store does not complain. */
  static final int PARALLEL = 8;

  private static final Duration AFTER_A_FAILURE = Duration.ofMillis(200);
  private static final Duration AFTER_A_SLOWDOWN = Duration.ofSeconds(1);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);
  private static final int SLOWDOWNS_PER_RETRY = 3;
  private static final int READ_BYTES = 128 << 10;

  private final ObjectStore store;
  private final ObjectStat archive;
  private final int retries;
  private final Throttle throttle;
  private final TransferProgress.Step step;

  /**
   * Reads ranges of one archive; a read fails if the archive was replaced meanwhile.
   *
   * @param retries how often a range that failed is read again
   * @param step is told of the bytes as they come
   */
  public ArchiveDownload(
      ObjectStore store, ObjectStat archive, int retries, TransferProgress.Step step) {
    this.store = store;
    this.archive = archive;
    this.retries = retries;
    this.throttle = new Throttle(PARALLEL);
    this.step = step;
  }

  /** The archive was replaced while it was read: the metadata must be read again. */
  public static final class ArchiveChangedException extends IOException {
    private static final long serialVersionUID = 1L;

    public ArchiveChangedException(ObjectStat archive) {
      super(archive.key() + " was replaced while it was read");
    }
  }

  @Override
  public byte[] fetch(long offset, int length) throws IOException {
    Range range = new Range(offset, new byte[length]);
    int failures = 0;
    int slowdowns = 0;
    while (true) {
      try {
        throttle.run(range::read);
        return range.bytes;
      } catch (StoreException e) {
        if (e.kind() == StoreException.Kind.PRECONDITION_FAILED) {
          throw new ArchiveChangedException(archive);
        }
        int used = e.throttled() ? ++slowdowns : ++failures;
        if (!e.retryable() || used > (e.throttled() ? SLOWDOWNS_PER_RETRY * retries : retries)) {
          throw e;
        }
        pause(e.throttled() ? AFTER_A_SLOWDOWN : AFTER_A_FAILURE, used);
      } catch (InterruptedIOException e) {
        throw e;
      } catch (IOException e) {
        if (++failures > retries) {
          throw broken(e, failures);
        }
        pause(AFTER_A_FAILURE, failures);
      }
    }
  }

  private StoreException broken(IOException e, int times) {
    return new StoreException(
        StoreException.Kind.UNAVAILABLE,
        "the connection broke while %s was read (%s), %d times; try again"
            .formatted(archive.key(), FailureWords.of(e), times),
        e);
  }

  /** Bytes on their way; every answer is of the same state, so they fit together. */
  private final class Range {
    final long offset;
    final byte[] bytes;
    int have;

    Range(long offset, byte[] bytes) {
      this.offset = offset;
      this.bytes = bytes;
    }

    void read() throws IOException {
      if (have == bytes.length) {
        return; // only its end went wrong
      }
      ByteRange missing = new ByteRange(offset + have, bytes.length - have);
      try (InputStream in = store.read(archive.key(), missing, archive.etag())) {
        while (have < bytes.length) {
          int count = in.read(bytes, have, Math.min(READ_BYTES, bytes.length - have));
          if (count < 0) {
            throw new EOFException(
                "%s ended %d bytes early".formatted(archive.key(), bytes.length - have));
          }
          have += count;
          step.advance(count);
        }
      }
    }
  }

  private static void pause(Duration first, int times) throws InterruptedIOException {
    long ceiling = Math.min(LONGEST_PAUSE.toMillis(), first.toMillis() << Math.min(times - 1, 10));
    try {
      Thread.sleep(ThreadLocalRandom.current().nextLong(ceiling / 2, ceiling + 1));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    }
  }
}
