package dev.s3dock.testing;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.s3dock.deploy.loadbalancer.Backend;
import dev.s3dock.deploy.loadbalancer.Colour;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Base64;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;

/**
 * A small HTTP server that stands for a container, with the paths of {@code examples/web}: {@code
 * /up}, {@code /}, {@code /slow?ms=N}, {@code /held} and {@code /ws}. Its answers name it. It notes
 * which requests it has accepted, by their {@link Load#ID_HEADER}.
 */
public final class TestBackend implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final String WEBSOCKET_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"; // RFC 6455

  private final ServerSocket listener;
  private final Thread acceptor;
  private final Backend backend;
  private final String version;
  private final CountDownLatch held = new CountDownLatch(1);
  private final Set<Socket> connections = ConcurrentHashMap.newKeySet();
  private final Set<String> accepted = ConcurrentHashMap.newKeySet();

  private TestBackend(Colour colour, String version, ServerSocket listener) {
    this.listener = listener;
    this.version = version;
    this.acceptor = Thread.ofVirtual().unstarted(this::accept);
    this.backend =
        new Backend(colour, listener.getInetAddress().getHostAddress(), listener.getLocalPort());
  }

  /**
   * @param host an address of this machine, such as 127.0.0.2
   */
  public static TestBackend start(Colour colour, String host, String version) {
    try {
      ServerSocket listener = new ServerSocket(0, 200, InetAddress.getByName(host));
      TestBackend started = new TestBackend(colour, version, listener);
      started.acceptor.start();
      return started;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public Backend backend() {
    return backend;
  }

  /** What its answers say: version and instance. */
  public String name() {
    return version + " " + backend.colour();
  }

  /** IDs of the requests that have come here, answered or not. */
  public Set<String> accepted() {
    return Set.copyOf(accepted);
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket connection = listener.accept();
        if (listener.isClosed()) {
          connection.close(); // it came in the same moment
          return;
        }
        connections.add(connection);
        Thread.startVirtualThread(() -> serve(connection));
      } catch (IOException e) {
        if (!listener.isClosed()) {
          throw new UncheckedIOException(e);
        }
      }
    }
  }

  private void serve(Socket connection) {
    try (connection) {
      connection.setTcpNoDelay(true);
      InputStream in = new BufferedInputStream(connection.getInputStream());
      OutputStream out = connection.getOutputStream();
      while (serve(in, out)) {
        // the next request of this connection
      }
    } catch (IOException e) {
      // the peer has gone, or this server is closed: the client is who counts failures
    } finally {
      connections.remove(connection);
    }
  }

  private boolean serve(InputStream in, OutputStream out) throws IOException {
    HttpWire.Head request = HttpWire.head(in);
    String id = request.header(Load.ID_HEADER);
    if (!id.isEmpty()) {
      accepted.add(id);
    }
    String path = request.line().split(" ")[1];
    if (path.equals("/ws")) {
      echo(request, in, out);
      return false;
    }
    if (path.startsWith("/slow?ms=") || path.equals("/held")) {
      if (path.equals("/held")) {
        awaitEnd();
      } else {
        long millis = Long.parseLong(path.substring("/slow?ms=".length()));
        LockSupport.parkNanos(Duration.ofMillis(millis).toNanos());
      }
      out.write(
          "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n"
              .getBytes(ISO_8859_1));
      String body = name() + "\n";
      for (int i = 0; i < body.length(); i++) {
        out.write(("1\r\n" + body.charAt(i) + "\r\n").getBytes(ISO_8859_1));
      }
      out.write("0\r\n\r\n".getBytes(ISO_8859_1));
    } else {
      int status = path.equals("/") || path.equals("/up") ? 200 : 404;
      String body = path.equals("/") ? name() + "\n" : "";
      out.write(
          "HTTP/1.1 %d X\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n%s"
              .formatted(status, body.length(), body)
              .getBytes(ISO_8859_1));
    }
    return !request.closes();
  }

  private void awaitEnd() {
    try {
      held.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Lets it answer what has asked for {@code /held}. */
  public void letGo() {
    held.countDown();
  }

  private void echo(HttpWire.Head request, InputStream in, OutputStream out) throws IOException {
    String key = request.header("sec-websocket-key") + WEBSOCKET_GUID;
    String accept = Base64.getEncoder().encodeToString(sha1(key.getBytes(ISO_8859_1)));
    out.write(
        ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Accept: "
                + accept
                + "\r\n\r\n")
            .getBytes(ISO_8859_1));
    while (true) {
      HttpWire.Frame frame = HttpWire.Frame.read(in);
      out.write(frame.bytes(false));
      if (frame.opcode() == HttpWire.CLOSE) {
        return;
      }
    }
  }

  /** Ends at once, as a killed container does. */
  @Override
  public void close() {
    letGo();
    try {
      listener.close();
      if (!acceptor.join(PATIENCE)) { // until then the kernel may go on to take connections
        throw new AssertionError(name() + " does not end");
      }
      for (Socket connection : connections) {
        connection.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  private static byte[] sha1(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-1").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
