package dev.s3dock.distribution;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * What is fetched of a blob and not sent yet: a file without a name, which goes with the process.
 */
final class SpoolFile implements AutoCloseable {
  private final FileChannel channel;

  private SpoolFile(FileChannel channel) {
    this.channel = channel;
  }

  /** Makes one in this folder. */
  static SpoolFile open(Path folder) throws IOException {
    Path file = Files.createTempFile(folder, "s3dock-serve-", ".part");
    try {
      return new SpoolFile(
          FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE));
    } finally {
      Files.delete(file);
    }
  }

  void write(long position, byte[] bytes, int offset, int length) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(bytes, offset, length);
    while (buffer.hasRemaining()) {
      channel.write(buffer, position + buffer.position() - offset);
    }
  }

  /** Fills the buffer, from its beginning, with so many bytes, and makes it ready to be read. */
  void read(long position, ByteBuffer buffer, int length) throws IOException {
    buffer.clear().limit(length);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, position + buffer.position()) < 0) {
        throw new EOFException("the temporary file became shorter");
      }
    }
    buffer.flip();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
