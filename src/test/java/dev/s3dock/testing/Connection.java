package dev.s3dock.testing;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.Map;

/** One HTTP/1.1 connection of a client that does nothing by itself. */
public final class Connection implements AutoCloseable {
  private static final Duration CONNECT = Duration.ofMinutes(1);
  private static final Duration READ = Duration.ofMinutes(1);

  private final Socket socket;
  private final InputStream in;
  private final OutputStream out;
  private boolean closing;

  /** The connection was closed, or reset, before any byte of the answer. */
  public static final class ClosedUnanswered extends IOException {
    private static final long serialVersionUID = 1L;

    ClosedUnanswered(Throwable cause) {
      super("closed before any byte of the answer: " + cause.getMessage(), cause);
    }
  }

  private Connection(Socket socket) throws IOException {
    this.socket = socket;
    this.in = new BufferedInputStream(socket.getInputStream());
    this.out = socket.getOutputStream();
  }

  public static Connection open(String host, int port) throws IOException {
    Socket socket = new Socket();
    try {
      socket.connect(new InetSocketAddress(host, port), (int) CONNECT.toMillis());
      socket.setTcpNoDelay(true);
      socket.setSoTimeout((int) READ.toMillis());
      return new Connection(socket);
    } catch (IOException e) {
      socket.close();
      throw new IOException("cannot connect to %s:%d: %s".formatted(host, port, e), e);
    }
  }

  /** An answer. */
  public record Answer(int status, Map<String, String> headers, String body) {}

  /** The body of an answer 200, without the end of the line; any other is an error. */
  String get(String path, String id, boolean last) throws IOException {
    Answer answer =
        send(path, Map.of(Load.ID_HEADER, id, "Connection", last ? "close" : "keep-alive"));
    if (answer.status() != 200) {
      throw new IOException("answered with status " + answer.status());
    }
    return answer.body().strip();
  }

  /** Sends a GET and reads its answer. */
  public Answer send(String path, Map<String, String> headers) throws IOException {
    StringBuilder request = new StringBuilder("GET " + path + " HTTP/1.1\r\nHost: app.test\r\n");
    headers.forEach((name, value) -> request.append(name + ": " + value + "\r\n"));
    HttpWire.Head head = exchange(request + "\r\n");
    closing = head.closes();
    return new Answer(head.status(), head.headers(), HttpWire.body(in, head));
  }

  private HttpWire.Head exchange(String request) throws IOException {
    try {
      out.write(request.getBytes(ISO_8859_1));
      return HttpWire.head(in);
    } catch (HttpWire.NothingCame | SocketException e) {
      throw new ClosedUnanswered(e);
    }
  }

  /** True if the other side has said that it closes after this answer. */
  boolean closing() {
    return closing;
  }

  void upgrade() throws IOException {
    HttpWire.Head head =
        exchange(
            """
            GET /ws HTTP/1.1
            Host: app.test
            Upgrade: websocket
            Connection: Upgrade
            Sec-WebSocket-Version: 13
            Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==

            """
                .replace("\n", "\r\n"));
    if (head.status() != 101
        || !head.header("sec-websocket-accept").equals("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")) {
      throw new IOException("no upgrade to a WebSocket: " + head);
    }
  }

  /**
   * Sends a message of ASCII, and waits for its echo; false if the other side says goodbye instead.
   */
  boolean echo(String message) throws IOException {
    out.write(new HttpWire.Frame(HttpWire.TEXT, message).bytes(true));
    HttpWire.Frame answer = HttpWire.Frame.read(in);
    if (answer.opcode() == HttpWire.CLOSE) {
      return false;
    }
    if (!answer.payload().equals(message)) {
      throw new IOException("the echo of '" + message + "' is another message");
    }
    return true;
  }

  /** Says goodbye (1000, normal closure), and waits for the answer to that. */
  void endWebSocket() throws IOException {
    out.write(new HttpWire.Frame(HttpWire.CLOSE, "\u0003\u00e8").bytes(true));
    HttpWire.Frame answer = HttpWire.Frame.read(in);
    if (answer.opcode() != HttpWire.CLOSE) {
      throw new IOException("no goodbye, but a frame with opcode " + answer.opcode());
    }
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
