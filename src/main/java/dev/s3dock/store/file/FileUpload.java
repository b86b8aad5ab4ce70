package dev.s3dock.store.file;

import dev.s3dock.store.ByteRange;
import dev.s3dock.store.ETag;
import dev.s3dock.store.MultipartUpload;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.ObjectStat;
import dev.s3dock.store.Precondition;
import dev.s3dock.store.StoreException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * An upload as one temporary file. Parts of equal size, as uploads have them, are written right
 * where they belong, in any order; any other mixture is put in order when it is complete.
 */
final class FileUpload implements MultipartUpload {
  private record Piece(FileChannel in, long offset, long length) {}

  private final FileObjectStore store;
  private final FileWrites writes;
  private final ObjectKey key;
  private final TempFile file;
  private final FileChannel channel;
  private final Map<Integer, Piece> pieces = new ConcurrentSkipListMap<>();
  private final Map<ObjectStat, FileChannel> sources = new HashMap<>();
  private long slot;
  private long beyond;
  private boolean closed;

  FileUpload(FileObjectStore store, FileWrites writes, ObjectKey key, TempFile file) {
    this.store = store;
    this.writes = writes;
    this.key = key;
    this.file = file;
    this.channel = file.channel();
  }

  @Override
  public ETag uploadPart(int number, byte[] content, int offset, int length) {
    requireNumber(number);
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
    return token(length);
  }

  /** Remembers where the bytes are; an open file keeps them, whatever happens to the object. */
  @Override
  public ETag copyPart(int number, ObjectStat from, ByteRange range) {
    requireNumber(number);
    store.translating(
        "copy part " + number + " of " + key,
        () -> pieces.put(number, new Piece(source(from, range), range.offset(), range.length())));
    return token(range.length());
  }

  @Override
  public void discard(int number) {
    pieces.remove(number);
  }

  /** Parts of files are named by their length alone: nobody has to read them for it. */
  private static ETag token(long length) {
    return new ETag("part-" + length);
  }

  private synchronized FileChannel source(ObjectStat from, ByteRange range) throws IOException {
    requireOpen();
    if (range.end() > from.size()) {
      throw new StoreException(
          StoreException.Kind.FAILED,
          "%s has %d bytes, not the %d asked for".formatted(from.key(), from.size(), range.end()));
    }
    FileChannel source = sources.get(from);
    if (source == null) {
      source = store.open(from);
      sources.put(from, source);
    }
    return source;
  }

  private static void requireNumber(int number) {
    if (number < 1 || number > MAX_PARTS) {
      throw new IllegalArgumentException("part number " + number);
    }
  }

  /** Finds a place: the part's slot, or, if it does not fit there, behind all slots. */
  private synchronized Piece place(int number, int length) {
    requireOpen();
    if (slot == 0 && length > 0) {
      slot = length;
      beyond = slot * MAX_PARTS;
    }
    if (length <= slot) {
      return new Piece(channel, (number - 1) * slot, length);
    }
    beyond += length;
    return new Piece(channel, beyond - length, length);
  }

  @Override
  public synchronized ETag complete() {
    requireOpen();
    return store.translating(
        "complete " + key,
        () -> {
          if (inOrder()) {
            channel.truncate(total());
            return writes.replace(key, file, Precondition.none());
          }
          return completeInOrder();
        });
  }

  private ETag completeInOrder() throws IOException {
    try (TempFile ordered = store.temps().create()) {
      FileChannel out = ordered.channel();
      for (Piece piece : pieces.values()) {
        append(piece.in(), piece.offset(), piece.length(), out);
      }
      return writes.replace(key, ordered, Precondition.none());
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
      if (!piece.in().equals(channel) || piece.offset() != next) {
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
    try (file) {
      for (FileChannel source : sources.values()) {
        source.close();
      }
    } catch (IOException e) {
      // a later upload sweeps it away
    }
  }
}
