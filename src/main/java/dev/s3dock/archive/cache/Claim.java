package dev.s3dock.archive.cache;

import dev.s3dock.image.Digest;
import java.io.InterruptedIOException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;

/** Chunks that one thread brings. To be closed once they are there, or cannot be had. */
public final class Claim implements AutoCloseable {
  private final Claims claims;
  private final Set<Digest> mine;
  private final List<CountDownLatch> others;
  private final CountDownLatch done;

  Claim(Claims claims, Set<Digest> mine, List<CountDownLatch> others, CountDownLatch done) {
    this.claims = claims;
    this.mine = mine;
    this.others = others;
    this.done = done;
  }

  /** True if the chunk is to be brought by whoever has this claim. */
  public boolean has(Digest chunk) {
    return mine.contains(chunk);
  }

  @Override
  public void close() {
    claims.release(mine);
    done.countDown();
  }

  /**
   * Waits until the others have what they have claimed. To be called when this is closed, else two
   * might wait for each other.
   */
  public void awaitOthers() throws InterruptedIOException {
    try {
      for (CountDownLatch other : others) {
        other.await();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    }
  }
}
