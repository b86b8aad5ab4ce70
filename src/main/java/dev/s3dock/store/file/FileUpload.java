package dev.s3dock.store.file;

import dev.s3dock.store.ETag;
import dev.s3dock.store.MultipartUpload;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.Precondition;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * An upload as one temporary file. Parts of equal size, as uploads have them, are written right
 * where they belong, in any order; any other mixture is put in order when it is complete.
 */
final class FileUpload implements MultipartUpload {
  private record Piece(long offset, int length) {}

  private final FileObjectStore store;
  private final FileWrites writes;
  private final ObjectKey key;
  private final Path file;
  private final FileChannel channel;
  private final Map<Integer, Piece> pieces = new ConcurrentSkipListMap<>();
  private long slot;
  private long beyond;
  private boolean closed;

  FileUpload(FileObjectStore store, FileWrites writes, ObjectKey key, Path file)
      throws IOException {
    this.store = store;
    this.writes = writes;
    this.key = key;
    this.file = file;
    this.channel = TempFiles.create(file);
  }

  @Override
  public void uploadPart(int number, byte[] content, int offset, int length) {
    if (number < 1 || number > MAX_PARTS) {
      throw new IllegalArgumentException("part number " + number);
    }
    Piece piece = place(number, length);
    ByteBuffer bytes = ByteBuffer.wrap(content, offset, length);
    store.translating(
        "write part " + number + " of " + key,
        () -> {
          long position = piece.offset();
          while (bytes.hasRemaining()) {
            position += channel.write(bytes, position);
          }
          return pieces.put(number, piece);
        });
  }

  /** Finds a place: the part's slot, or, if it does not fit there, behind all slots. */
  private synchronized Piece place(int number, int length) {
    requireOpen();
    if (slot == 0 && length > 0) {
      slot = length;
      beyond = slot * MAX_PARTS;
    }
    if (length <= slot) {
      return new Piece((number - 1) * slot, length);
    }
    beyond += length;
    return new Piece(beyond - length, length);
  }

  @Override
  public synchronized ETag complete() {
    requireOpen();
    return store.translating(
        "complete " + key,
        () -> {
          if (inOrder()) {
            channel.truncate(total());
            channel.force(true);
            return writes.replace(key, file, Precondition.none());
          }
          return completeInOrder();
        });
  }

  private ETag completeInOrder() throws IOException {
    Path ordered = store.temps().next();
    try (FileChannel out = TempFiles.create(ordered)) {
      for (Piece piece : pieces.values()) {
        append(channel, piece.offset(), piece.length(), out);
      }
      out.force(true);
      return writes.replace(key, ordered, Precondition.none());
    } finally {
      Files.deleteIfExists(ordered);
    }
  }

  /** Appends a run of bytes of one file to another. */
  static void append(FileChannel from, long offset, long length, FileChannel to)
      throws IOException {
    to.position(to.size());
    long done = 0;
    while (done < length) {
      long count = from.transferTo(offset + done, length - done, to);
      if (count <= 0) {
        throw new IOException("the file ends " + (length - done) + " bytes early");
      }
      done += count;
    }
  }

  private boolean inOrder() {
    long next = 0;
    for (Piece piece : pieces.values()) {
      if (piece.offset() != next) {
        return false;
      }
      next += piece.length();
    }
    return true;
  }

  private long total() {
    return pieces.values().stream().mapToLong(Piece::length).sum();
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the upload of " + key + " is closed");
    }
  }

  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    try (channel) {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      // a later upload sweeps it away
    }
  }
}
