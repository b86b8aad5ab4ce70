package dev.s3dock.archive;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/**
 * One complete gzip member (RFC 1952) in memory: the fixed header of format 1, a raw deflate
 * stream, CRC-32 and length.
 */
final class GzipMember {
  private static final byte[] HEADER = {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 0, (byte) 255};
  private static final int TRAILER_BYTES = 8;

  private GzipMember() {}

  /** The bytes that every member begins with. */
  static byte[] header() {
    return HEADER.clone();
  }

  /** Most bytes that compress to a member of so many raw bytes: zlib's {@code deflateBound}. */
  static int maxLength(int rawLength) {
    return rawLength + (rawLength >> 8) + 64 + HEADER.length + TRAILER_BYTES;
  }

  /** Compresses all of these bytes. */
  static byte[] compress(byte[] raw, Compression compression) {
    byte[] member = Arrays.copyOf(HEADER, maxLength(raw.length));
    int end = HEADER.length;
    Deflater deflater = new Deflater(compression.level(), true);
    try {
      deflater.setInput(raw);
      deflater.finish();
      while (!deflater.finished()) {
        end += deflater.deflate(member, end, member.length - TRAILER_BYTES - end);
      }
    } finally {
      deflater.end();
    }
    trailer(member, end).putInt(crc(raw)).putInt(raw.length);
    return Arrays.copyOf(member, end + TRAILER_BYTES);
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
  static byte[] decompress(byte[] bytes, int offset, int length, int rawLength)
      throws CorruptArchiveException {
    int body = length - HEADER.length - TRAILER_BYTES;
    if (body < 0
        || !Arrays.equals(bytes, offset, offset + HEADER.length, HEADER, 0, HEADER.length)) {
      throw new CorruptArchiveException("no gzip member of format 1 begins here");
    }
    byte[] raw = inflate(bytes, offset + HEADER.length, body, rawLength);
    ByteBuffer trailer = trailer(bytes, offset + length - TRAILER_BYTES);
    if (trailer.getInt() != crc(raw) || trailer.getInt() != rawLength) {
      throw new CorruptArchiveException("a gzip member contradicts its own checksum");
    }
    return raw;
  }

  private static byte[] inflate(byte[] bytes, int offset, int length, int rawLength)
      throws CorruptArchiveException {
    byte[] raw = new byte[rawLength];
    Inflater inflater = new Inflater(true);
    try {
      inflater.setInput(bytes, offset, length);
      int end = 0;
      while (end < rawLength) {
        int count = inflater.inflate(raw, end, rawLength - end);
        if (count == 0) {
          throw new CorruptArchiveException("a gzip member holds fewer bytes than it should");
        }
        end += count;
      }
      if (inflater.inflate(new byte[1]) != 0
          || !inflater.finished()
          || inflater.getRemaining() != 0) {
        throw new CorruptArchiveException("a gzip member holds more bytes than it should");
      }
    } catch (DataFormatException e) {
      throw new CorruptArchiveException("a gzip member is damaged", e);
    } finally {
      inflater.end();
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
