package dev.s3dock.archive.write;

import dev.s3dock.archive.Chunk;
import dev.s3dock.image.Digest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32;

/**
 * One file of a {@link ChunkCache}: chunks one after the other, then for each of them its raw
 * SHA-256, offset, length and CRC-32, then the number of chunks and a mark. Big-endian.
 */
final class ChunkPack {
  /** A pack that has not been finished for so long never will be. */
  static final Duration ABANDONED = Duration.ofHours(24);

  private static final long MARK = 0x7333646f636b6d31L; // "s3dockm1"
  private static final int ENTRY_BYTES = 32 + 8 + 4 + 4;
  private static final int FOOTER_BYTES = 4 + 8;

  private final Path file;
  private final FileChannel channel;
  private volatile boolean wasRead;

  private ChunkPack(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /** A chunk in the pack. */
  record Entry(ChunkPack pack, Digest digest, long offset, int length, int crc) {
    /** Its bytes; empty if they are damaged. */
    Optional<byte[]> read() {
      byte[] bytes = new byte[length];
      try {
        readFully(pack.channel, ByteBuffer.wrap(bytes), offset);
      } catch (IOException e) {
        return Optional.empty();
      }
      pack.wasRead = true;
      return crcOf(bytes) == crc ? Optional.of(bytes) : Optional.empty();
    }
  }

  /** Opens a pack; empty if it is none, or damaged. */
  static Optional<ChunkPack> open(Path file) {
    try {
      FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
      ChunkPack pack = new ChunkPack(file, channel);
      if (pack.count() < 0) {
        pack.close();
        return Optional.empty();
      }
      return Optional.of(pack);
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** How many chunks there are; -1 if this is no pack. */
  private int count() throws IOException {
    long size = channel.size();
    if (size < FOOTER_BYTES) {
      return -1;
    }
    ByteBuffer footer = ByteBuffer.allocate(FOOTER_BYTES);
    readFully(channel, footer, size - FOOTER_BYTES);
    int count = footer.flip().getInt();
    boolean fits = count >= 0 && (long) count * ENTRY_BYTES <= size - FOOTER_BYTES;
    return footer.getLong() == MARK && fits ? count : -1;
  }

  /** What is in it; nothing if that cannot be read. */
  List<Entry> entries() {
    List<Entry> entries = new ArrayList<>();
    try {
      int count = count();
      ByteBuffer table = ByteBuffer.allocate(count * ENTRY_BYTES);
      long tableAt = channel.size() - FOOTER_BYTES - table.capacity();
      readFully(channel, table, tableAt);
      table.flip();
      byte[] digest = new byte[32];
      while (table.hasRemaining()) {
        table.get(digest);
        Entry entry =
            new Entry(
                this,
                new Digest(HexFormat.of().formatHex(digest)),
                table.getLong(),
                table.getInt(),
                table.getInt());
        if (entry.length > 0 && entry.offset >= 0 && entry.offset <= tableAt - entry.length) {
          entries.add(entry);
        }
      }
    } catch (IOException e) {
      return List.of();
    }
    return entries;
  }

  /** Writes a pack of chunks that lie in a spool. */
  static void write(Path file, Spool spool, List<Chunk> chunks) throws IOException {
    try (FileChannel out =
        FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
      ByteBuffer table = ByteBuffer.allocate(chunks.size() * ENTRY_BYTES + FOOTER_BYTES);
      long offset = 0;
      for (Chunk chunk : chunks) {
        byte[] bytes = spool.read(chunk.offset(), chunk.length());
        writeFully(out, ByteBuffer.wrap(bytes));
        table.put(HexFormat.of().parseHex(chunk.digest().hex()));
        table.putLong(offset).putInt(chunk.length()).putInt(crcOf(bytes));
        offset += chunk.length();
      }
      writeFully(out, table.putInt(chunks.size()).putLong(MARK).flip());
    }
  }

  private static void writeFully(FileChannel out, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      out.write(bytes);
    }
  }

  private static void readFully(FileChannel in, ByteBuffer bytes, long offset) throws IOException {
    for (long at = offset; bytes.hasRemaining(); ) {
      int count = in.read(bytes, at);
      if (count < 0) {
        throw new IOException("the pack is too short");
      }
      at += count;
    }
  }

  private static int crcOf(byte[] bytes) {
    CRC32 crc = new CRC32();
    crc.update(bytes);
    return (int) crc.getValue();
  }

  Path file() {
    return file;
  }

  /** True if a chunk of it was of use. */
  boolean wasRead() {
    return wasRead;
  }

  void close() {
    try {
      channel.close();
    } catch (IOException e) {
      // nothing was written
    }
  }
}
