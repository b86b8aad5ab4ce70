package dev.s3dock.archive.cache;

import dev.s3dock.image.Digest;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;

/**
 * Who brings a chunk into a cache at the moment, so that nobody else in this process fetches it.
 * For several threads.
 */
final class Claims {
  private final Map<Digest, CountDownLatch> open = new HashMap<>();

  /** Claims those of the chunks that nobody else has claimed. */
  synchronized Claim take(Collection<Digest> chunks) {
    CountDownLatch done = new CountDownLatch(1);
    Set<Digest> mine = new HashSet<>();
    List<CountDownLatch> others = new ArrayList<>();
    for (Digest chunk : chunks) {
      CountDownLatch before = open.putIfAbsent(chunk, done);
      if (before == null || before.equals(done)) { // the same chunk may occur twice
        mine.add(chunk);
      } else {
        others.add(before);
      }
    }
    return new Claim(this, mine, others, done);
  }

  synchronized void release(Set<Digest> chunks) {
    chunks.forEach(open::remove);
  }
}
