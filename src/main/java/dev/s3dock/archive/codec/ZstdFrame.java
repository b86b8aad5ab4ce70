package dev.s3dock.archive.codec;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdException;
import dev.s3dock.archive.CorruptArchiveException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * One complete zstd frame (RFC 8878) in memory, which states its raw length and has no checksum of
 * its own: every use compares a SHA-256.
 */
final class ZstdFrame {
  private static final byte[] MAGIC = {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd};

  private ZstdFrame() {}

  /** Whether a zstd frame begins here; what else it may be, its reader finds out. */
  static boolean beginsAt(byte[] bytes, int offset) {
    return bytes.length - offset >= MAGIC.length
        && Arrays.equals(bytes, offset, offset + MAGIC.length, MAGIC, 0, MAGIC.length);
  }

  /** The bytes that every frame begins with. */
  static byte[] magic() {
    return MAGIC.clone();
  }

  /**
   * Compresses all of these bytes, outside of the heap: the library would hold up the garbage
   * collection while it works on a Java array, at high levels for a second.
   */
  static byte[] compress(byte[] raw, int level) {
    try (Arena arena = Arena.ofConfined();
        ZstdCompressCtx context = new ZstdCompressCtx()) {
      ByteBuffer in = arena.allocate(Math.max(1, raw.length)).asByteBuffer();
      in.put(raw).flip();
      ByteBuffer out = arena.allocate(Zstd.compressBound(raw.length)).asByteBuffer();
      context.setLevel(level).setContentSize(true).setChecksum(false);
      byte[] frame = new byte[context.compress(out, in)];
      out.flip().get(frame);
      return frame;
    }
  }

  /**
   * Raw length of a frame as its header states it.
   *
   * @throws CorruptArchiveException if it states none, or more than {@code limit}
   */
  static int statedRawLength(byte[] frame, int limit) throws CorruptArchiveException {
    long length = contentSize(frame);
    if (length < 0 || length > limit) {
      throw new CorruptArchiveException("a zstd frame of " + length + " raw bytes");
    }
    return (int) length;
  }

  private static long contentSize(byte[] frame) throws CorruptArchiveException {
    try {
      return Zstd.getFrameContentSize(frame, 0, frame.length);
    } catch (ZstdException e) {
      throw new CorruptArchiveException("a zstd frame is damaged", e);
    }
  }

  /**
   * Decompresses a frame that must be exactly these bytes and hold exactly so many.
   *
   * @throws CorruptArchiveException if it does not
   */
  static byte[] decompress(byte[] bytes, int offset, int length, int rawLength)
      throws CorruptArchiveException {
    try {
      if (Zstd.findFrameCompressedSize(bytes, offset, length) != length
          || Zstd.getFrameContentSize(bytes, offset, length) != rawLength) {
        throw new CorruptArchiveException("a zstd frame has the wrong length");
      }
      byte[] raw = new byte[rawLength];
      if (Zstd.decompressByteArray(raw, 0, rawLength, bytes, offset, length) != rawLength) {
        throw new CorruptArchiveException("a zstd frame holds fewer bytes than it should");
      }
      return raw;
    } catch (ZstdException e) {
      throw new CorruptArchiveException("a zstd frame is damaged", e);
    }
  }
}
