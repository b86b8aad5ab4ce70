package dev.s3dock.testing.engine;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/**
 * A server that gives one answer, as soon as it has read a number of bytes, whether or not the
 * request has ended. Requests for {@code /_ping} are answered as an engine does.
 */
public final class OneAnswer implements AutoCloseable {
  private static final int KEPT = 1 << 16;
  private static final String PONG =
      "HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

  private final ServerSocketChannel server;
  private final Waiting wanted;
  private final String answer;
  private final boolean readsOn;
  private final ByteArrayOutputStream heard = new ByteArrayOutputStream();
  private final CountDownLatch done = new CountDownLatch(1);

  private OneAnswer(Waiting wanted, String answer, boolean readsOn) {
    this.server = wanted.server;
    this.wanted = wanted;
    this.answer = answer;
    this.readsOn = readsOn;
    Thread.ofVirtual().start(this::serve);
  }

  /** A server on a Unix socket; a file that is there is removed. */
  public static Waiting onSocket(Path socket) throws IOException {
    Files.deleteIfExists(socket);
    ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    return new Waiting(server.bind(UnixDomainSocketAddress.of(socket)), "unix://" + socket, 0, "");
  }

  /** A server on a port of this machine. */
  public static Waiting onPort() throws IOException {
    ServerSocketChannel server = ServerSocketChannel.open();
    server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    int port = ((InetSocketAddress) server.getLocalAddress()).getPort();
    return new Waiting(server, "tcp://127.0.0.1:" + port, 0, "");
  }

  /** A server that has not been told its answer. */
  public record Waiting(ServerSocketChannel server, String dockerHost, long after, String last) {
    /** With the number of bytes of the request to read before the answer. */
    public Waiting after(long bytes) {
      return new Waiting(server, dockerHost, bytes, last);
    }

    /** With the words to wait for before the answer; they must come within 64 KiB. */
    public Waiting afterWords(String words) {
      return new Waiting(server, dockerHost, KEPT, words);
    }

    /** Answers, and closes without reading what else has come, so that the sender is reset. */
    public OneAnswer closing(String answer) {
      return new OneAnswer(this, answer, false);
    }

    /** Answers, and reads until the other side closes. */
    public OneAnswer readingOn(String answer) {
      return new OneAnswer(this, answer, true);
    }
  }

  public String dockerHost() {
    return wanted.dockerHost;
  }

  /** The beginning of the request, once it has been answered. */
  public String heard() throws InterruptedException {
    done.await();
    return heard.toString(ISO_8859_1);
  }

  private void serve() {
    while (done.getCount() > 0) {
      try (SocketChannel client = server.accept()) {
        serve(client);
      } catch (IOException e) {
        done.countDown();
      }
    }
  }

  private void serve(SocketChannel client) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(KEPT);
    heard.reset();
    for (long count = 0; !isEnough(count) && client.read(buffer.clear()) >= 0; ) {
      if (new String(buffer.array(), 0, buffer.position(), ISO_8859_1).startsWith("GET /_ping")) {
        client.write(ByteBuffer.wrap(PONG.getBytes(ISO_8859_1)));
        return;
      }
      count += buffer.position();
      heard.write(buffer.array(), 0, buffer.position());
    }
    client.write(ByteBuffer.wrap(answer.getBytes(ISO_8859_1)));
    for (boolean open = readsOn; open; ) {
      open = client.read(buffer.clear()) >= 0;
    }
    done.countDown();
  }

  private boolean isEnough(long count) {
    return count >= wanted.after
        || (!wanted.last.isEmpty() && heard.toString(ISO_8859_1).contains(wanted.last));
  }

  @Override
  public void close() {
    try {
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
