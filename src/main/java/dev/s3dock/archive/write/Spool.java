package dev.s3dock.archive.write;

import dev.s3dock.image.FailureWords;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A temporary file that chunks are appended to. It goes when it is closed; where the operating
 * system can remove an open file, also when the process dies.
 */
final class Spool implements Closeable {
  private final Path file;
  private final FileChannel channel;
  private long size;

  Spool(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /** Creates the file in a folder that exists. */
  static Spool create(Path directory) throws IOException {
    try {
      Path file = Files.createTempFile(directory, "s3dock-", ".spool");
      return new Spool(
          file,
          FileChannel.open(
              file,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE,
              StandardOpenOption.DELETE_ON_CLOSE));
    } catch (IOException e) {
      throw FailureWords.noTemporary(directory, e);
    }
  }

  /** How many bytes were written so far. */
  long size() {
    return size;
  }

  /** Appends these bytes. */
  void append(byte[] bytes) throws IOException {
    try {
      ByteBuffer buffer = ByteBuffer.wrap(bytes);
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
    } catch (ClosedByInterruptException e) {
      InterruptedIOException interrupted = new InterruptedIOException("interrupted");
      interrupted.initCause(e);
      throw interrupted;
    } catch (IOException e) {
      throw new IOException("cannot write the temporary file " + file + ": " + reason(e), e);
    }
    size += bytes.length;
  }

  /** Reads up to {@code length} bytes at a place that has been written; at least one. */
  int read(long position, byte[] buffer, int offset, int length) throws IOException {
    int count = channel.read(ByteBuffer.wrap(buffer, offset, length), position);
    if (count < 0) {
      throw new EOFException("the temporary file " + file + " has been cut short");
    }
    return count;
  }

  /** All of these bytes, which have been written. */
  byte[] read(long position, int length) throws IOException {
    byte[] bytes = new byte[length];
    for (int done = 0; done < length; ) {
      done += read(position + done, bytes, done, length - done);
    }
    return bytes;
  }

  private static String reason(IOException e) {
    return FailureWords.of(e);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
