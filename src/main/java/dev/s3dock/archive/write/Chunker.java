package dev.s3dock.archive.write;

import dev.s3dock.archive.FormatLimits;
import dev.s3dock.image.Digest;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/**
 * Where a layer is cut into chunks: FastCDC (Xia et al., USENIX ATC 2016) with normalised chunking
 * of level 2. A cut depends on nothing but the 64 bytes before it and the distance from the last
 * cut, so an edit moves only the cuts near it. The parameters and the gear table are part of format
 * 1; {@code docs/archive-format.md} has test vectors.
 */
final class Chunker {
  /**
   * Bytes of a layer's first chunk. A builder makes the folders that a layer begins with anew each
   * time, with new dates; so only these few bytes differ in a layer that is otherwise the same.
   */
  static final int HEAD_BYTES = 8 << 10;

  /** Fewest bytes of a chunk, but for the first and the last of a layer. */
  static final int MIN_BYTES = 256 << 10;

  /** Where the search for a cut becomes easier, so that chunks come out near this size. */
  static final int NORMAL_BYTES = 1 << 20;

  /** Most bytes of a chunk. */
  static final int MAX_BYTES = FormatLimits.MAX_CHUNK_BYTES;

  // Before the normal size a cut wants 22 leading zero bits (2 more than log2 of the normal size),
  // after it 18 (2 fewer). Leading bits, because these alone depend on all of the last 64 bytes.
  private static final int HARD_SHIFT = Long.SIZE - 22;
  private static final int EASY_SHIFT = Long.SIZE - 18;

  private static final String GEAR_SEED = "s3dock format 1";
  private static final long[] GEAR = gear();

  private Chunker() {}

  /**
   * Length of the first chunk of some bytes.
   *
   * @param length bytes there are: at least {@link #MAX_BYTES}, or all that are left of the layer
   */
  static int cut(byte[] bytes, int offset, int length) {
    int end = Math.min(length, MAX_BYTES);
    if (end <= MIN_BYTES) {
      return end;
    }
    int normal = Math.min(end, NORMAL_BYTES);
    long hash = 0;
    int i = MIN_BYTES;
    while (i < normal) {
      hash = (hash << 1) + GEAR[bytes[offset + i++] & 0xff];
      if (hash >>> HARD_SHIFT == 0) {
        return i;
      }
    }
    while (i < end) {
      hash = (hash << 1) + GEAR[bytes[offset + i++] & 0xff];
      if (hash >>> EASY_SHIFT == 0) {
        return i;
      }
    }
    return end;
  }

  /** For every byte value: the first 8 bytes of SHA-256(seed, value), as a big-endian number. */
  private static long[] gear() {
    long[] gear = new long[256];
    MessageDigest sha256 = Digest.start();
    for (int value = 0; value < gear.length; value++) {
      sha256.update(GEAR_SEED.getBytes(StandardCharsets.US_ASCII));
      sha256.update((byte) value);
      gear[value] = ByteBuffer.wrap(sha256.digest()).getLong();
    }
    return gear;
  }
}
