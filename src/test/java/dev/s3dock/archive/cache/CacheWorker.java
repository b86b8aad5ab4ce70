package dev.s3dock.archive.cache;

import dev.s3dock.archive.cache.ChunkCache.Limit;
import dev.s3dock.image.Digest;
import dev.s3dock.testing.Noise;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Random;

/** A process of its own that keeps and looks for chunks, until it is killed or has done enough. */
final class CacheWorker {
  static final int CHUNKS = 40;
  static final int CHUNK_BYTES = 60_000;

  private CacheWorker() {}

  static byte[] chunk(int number) {
    byte[] bytes = Noise.of(number, CHUNK_BYTES);
    return bytes;
  }

  /** Arguments: the folder, the limit in bytes, a seed, and how often something is done. */
  public static void main(String[] args) {
    ChunkCache cache =
        ChunkCache.open(
            Path.of(args[0]),
            Limit.of(Long.parseLong(args[1])),
            Clock.systemUTC(),
            text -> {
              throw new AssertionError(text);
            });
    Random random = new Random(Long.parseLong(args[2]));
    System.out.println("begun");
    for (int i = Integer.parseInt(args[3]); i > 0; i--) {
      byte[] chunk = chunk(random.nextInt(CHUNKS));
      Digest digest = Digest.of(chunk);
      cache
          .find(digest)
          .ifPresentOrElse(
              found -> {
                if (!Digest.of(found).equals(digest)) {
                  throw new AssertionError("another chunk");
                }
                if (random.nextInt(3) == 0) {
                  cache.remove(digest);
                }
              },
              () -> cache.keep(digest, chunk, 0, chunk.length));
    }
  }
}
