package dev.s3dock.archive.cache;

import dev.s3dock.archive.FormatLimits;
import dev.s3dock.image.Digest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.HexFormat;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * The form of a file in a {@link ChunkCache}: a mark, the SHA-256 of what the chunk holds, the
 * length of the chunk, a CRC-32C of these two and of the chunk, and the chunk. Big-endian.
 */
final class ChunkFile {
  private static final long MARK = 0x7333646f636b6331L; // "s3dockc1"
  private static final int DIGEST_BYTES = 32;
  static final int HEADER_BYTES = 8 + DIGEST_BYTES + 4 + 4;

  private ChunkFile() {}

  static void write(FileChannel out, Digest digest, byte[] source, int offset, int length)
      throws IOException {
    ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES).putLong(MARK);
    header.put(HexFormat.of().parseHex(digest.hex())).putInt(length);
    header.putInt(crc(header.array(), source, offset, length)).flip();
    ByteBuffer chunk = ByteBuffer.wrap(source, offset, length);
    ByteBuffer[] both = {header, chunk};
    while (chunk.hasRemaining() || header.hasRemaining()) {
      out.write(both);
    }
  }

  /** The chunk; empty if the file is damaged, cut short, or holds another one. */
  static Optional<byte[]> read(FileChannel in, Digest digest) throws IOException {
    ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
    if (!fill(in, header, 0) || header.flip().getLong() != MARK) {
      return Optional.empty();
    }
    byte[] found = new byte[DIGEST_BYTES];
    header.get(found);
    int length = header.getInt();
    int crc = header.getInt();
    if (!HexFormat.of().formatHex(found).equals(digest.hex())
        || length <= 0
        || length > FormatLimits.MAX_STORED_CHUNK_BYTES
        || in.size() != HEADER_BYTES + (long) length) {
      return Optional.empty();
    }
    byte[] chunk = new byte[length];
    return fill(in, ByteBuffer.wrap(chunk), HEADER_BYTES)
            && crc(header.array(), chunk, 0, length) == crc
        ? Optional.of(chunk)
        : Optional.empty();
  }

  private static boolean fill(FileChannel in, ByteBuffer bytes, long offset) throws IOException {
    while (bytes.hasRemaining()) {
      if (in.read(bytes, offset + bytes.position()) < 0) {
        return false;
      }
    }
    return true;
  }

  private static int crc(byte[] header, byte[] chunk, int offset, int length) {
    CRC32C crc = new CRC32C();
    crc.update(header, 0, HEADER_BYTES - 4);
    crc.update(chunk, offset, length);
    return (int) crc.getValue();
  }
}
