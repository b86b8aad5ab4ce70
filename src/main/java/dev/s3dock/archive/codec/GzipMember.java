package dev.s3dock.archive.codec;

import dev.s3dock.archive.CorruptArchiveException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.zip.CRC32;

/**
 * One complete gzip member (RFC 1952) in memory: the fixed header of format 1, a raw deflate
 * stream, CRC-32 and length.
 */
public final class GzipMember {
  private static final byte[] HEADER = {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 0, (byte) 255};
  private static final int TRAILER_BYTES = 8;

  private GzipMember() {}

  /** The bytes that every member begins with. */
  public static byte[] header() {
    return HEADER.clone();
  }

  /**
   * Most bytes of a deflate stream of so many raw bytes. More than what the libraries ask for:
   * zlib's {@code deflateBound}, and libdeflate's, which adds 5 bytes to each 5000.
   */
  static int maxStreamLength(int rawLength) {
    return rawLength + (rawLength >> 8) + 64;
  }

  /** Compresses all of these bytes. */
  static byte[] compress(byte[] raw, int level, Deflate library) {
    byte[] member = library.compress(raw, level, HEADER.length, TRAILER_BYTES);
    System.arraycopy(HEADER, 0, member, 0, HEADER.length);
    trailer(member, member.length - TRAILER_BYTES).putInt(crc(raw)).putInt(raw.length);
    return member;
  }

  /**
   * Raw length of a member as its trailer states it.
   *
   * @throws CorruptArchiveException if it is more than {@code limit}
   */
  static int statedRawLength(byte[] member, int limit) throws CorruptArchiveException {
    if (member.length < HEADER.length + TRAILER_BYTES) {
      throw new CorruptArchiveException("a gzip member of " + member.length + " bytes");
    }
    long length = Integer.toUnsignedLong(trailer(member, member.length - 4).getInt());
    if (length > limit) {
      throw new CorruptArchiveException("a gzip member of " + length + " raw bytes");
    }
    return (int) length;
  }

  /**
   * Decompresses a member that must be exactly these bytes and hold exactly so many.
   *
   * @throws CorruptArchiveException if it does not
   */
  static byte[] decompress(byte[] bytes, int offset, int length, int rawLength, Deflate library)
      throws CorruptArchiveException {
    int body = length - HEADER.length - TRAILER_BYTES;
    if (body < 0
        || !Arrays.equals(bytes, offset, offset + HEADER.length, HEADER, 0, HEADER.length)) {
      throw new CorruptArchiveException("there is no gzip member of format 1 here");
    }
    byte[] raw = new byte[rawLength];
    library.decompress(bytes, offset + HEADER.length, body, raw);
    ByteBuffer trailer = trailer(bytes, offset + length - TRAILER_BYTES);
    if (trailer.getInt() != crc(raw) || trailer.getInt() != rawLength) {
      throw new CorruptArchiveException("a gzip member does not match its checksum");
    }
    return raw;
  }

  private static ByteBuffer trailer(byte[] bytes, int offset) {
    return ByteBuffer.wrap(bytes, offset, bytes.length - offset).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static int crc(byte[] raw) {
    CRC32 crc = new CRC32();
    crc.update(raw);
    return (int) crc.getValue();
  }
}
