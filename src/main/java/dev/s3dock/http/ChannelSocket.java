package dev.s3dock.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.SelectableChannel;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A connected channel that looks like a socket, as the library wants one: reads and writes block
 * until they are done, the channel is closed, or the thread is interrupted. Time limits do nothing.
 */
final class ChannelSocket extends Socket {
  private final ByteChannel channel;
  private final InputStream input;
  private final OutputStream output;

  ChannelSocket(ByteChannel channel) {
    this.channel = channel;
    this.input = new Input(channel);
    this.output = new Output(channel);
  }

  @Override
  public InputStream getInputStream() {
    return input;
  }

  @Override
  public OutputStream getOutputStream() {
    return output;
  }

  @Override
  public boolean isConnected() {
    return true;
  }

  @Override
  public boolean isClosed() {
    return !channel.isOpen();
  }

  /** Unlike that of the base class, which would open a real socket to find its address. */
  @Override
  public @Nullable SocketAddress getRemoteSocketAddress() {
    return null;
  }

  @Override
  public @Nullable SocketAddress getLocalSocketAddress() {
    return null;
  }

  @Override
  public void setSoTimeout(int timeout) {}

  @Override
  public int getSoTimeout() {
    return 0;
  }

  @Override
  public void setSoLinger(boolean on, int linger) {}

  @Override
  public void close() throws IOException {
    channel.close();
  }

  private static final class Input extends InputStream {
    private final ByteChannel channel;
    private final ByteBuffer ahead = ByteBuffer.allocate(1024).flip();

    Input(ByteChannel channel) {
      this.channel = channel;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      Objects.checkFromIndexSize(offset, length, target.length);
      if (!ahead.hasRemaining()) {
        return channel.read(ByteBuffer.wrap(target, offset, length));
      }
      int count = Math.min(length, ahead.remaining());
      ahead.get(target, offset, count);
      return count;
    }

    /** What has come, up to a few bytes; always 0 for a pipe, which cannot tell. */
    @Override
    public int available() throws IOException {
      if (!ahead.hasRemaining() && channel instanceof SelectableChannel selectable) {
        selectable.configureBlocking(false);
        try {
          channel.read(ahead.clear());
        } finally {
          ahead.flip();
          selectable.configureBlocking(true);
        }
      }
      return ahead.remaining();
    }
  }

  private static final class Output extends OutputStream {
    private final ByteChannel channel;

    Output(ByteChannel channel) {
      this.channel = channel;
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] source, int offset, int length) throws IOException {
      for (ByteBuffer rest = ByteBuffer.wrap(source, offset, length); rest.hasRemaining(); ) {
        channel.write(rest);
      }
    }
  }
}
