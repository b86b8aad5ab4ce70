package dev.s3dock.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import org.apache.hc.client5.http.io.HttpClientConnectionOperator;
import org.apache.hc.client5.http.io.ManagedHttpClientConnection;
import org.apache.hc.client5.http.ssl.DefaultClientTlsStrategy;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.io.SocketConfig;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.util.TimeValue;
import org.jspecify.annotations.Nullable;

/**
 * Connects by TLS through a proxy (RFC 9110, 9.3.6, CONNECT), which looks up the name of the server
 * and sees nothing else of what goes through.
 *
 * @param proxy {@code http://host:port}, perhaps with a user and a password
 * @param timeout for the proxy to connect, and to answer
 */
record TunnelOperator(URI proxy, Duration timeout, SSLContext tls)
    implements HttpClientConnectionOperator {
  private static final int USUAL_PORT = 80;
  private static final int MAX_HEAD_BYTES = 16 << 10;
  private static final Pattern STATUS = Pattern.compile("HTTP/1\\.[01] (\\d{3})\\b.*");

  @Override
  public void connect(
      ManagedHttpClientConnection connection,
      HttpHost host,
      @Nullable InetSocketAddress local,
      TimeValue unused,
      SocketConfig config,
      HttpContext context)
      throws IOException {
    Socket socket = new Socket();
    try {
      int port = proxy.getPort() < 0 ? USUAL_PORT : proxy.getPort();
      socket.connect(
          new InetSocketAddress(proxy.getHost().replaceAll("[\\[\\]]", ""), port),
          (int) timeout.toMillis());
      socket.setSoTimeout((int) timeout.toMillis());
      open(socket, host.getHostName() + ":" + host.getPort());
      connection.bind(
          new DefaultClientTlsStrategy(tls)
              .upgrade(socket, host.getHostName(), host.getPort(), null, context),
          socket);
    } catch (IOException | RuntimeException e) {
      socket.close();
      throw e;
    }
  }

  private void open(Socket socket, String target) throws IOException {
    StringBuilder request =
        new StringBuilder("CONNECT %1$s HTTP/1.1\r\nHost: %1$s\r\n".formatted(target));
    if (proxy.getUserInfo() != null) {
      request
          .append("Proxy-Authorization: Basic ")
          .append(Base64.getEncoder().encodeToString(proxy.getUserInfo().getBytes(UTF_8)))
          .append("\r\n");
    }
    socket.getOutputStream().write(request.append("\r\n").toString().getBytes(ISO_8859_1));
    Matcher status = STATUS.matcher(head(socket.getInputStream()).lines().findFirst().orElse(""));
    if (!status.matches()) {
      throw new IOException("the proxy %s does not speak HTTP".formatted(proxy.getHost()));
    }
    if (!status.group(1).startsWith("2")) {
      throw new IOException(
          "the proxy %s refuses the way to %s (HTTP %s)"
              .formatted(proxy.getHost(), target, status.group(1)));
    }
  }

  /** Byte by byte: what follows is the server's. */
  private static String head(InputStream in) throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    while (!head.toString(ISO_8859_1).endsWith("\r\n\r\n")) {
      int next = in.read();
      if (next < 0 || head.size() == MAX_HEAD_BYTES) {
        throw new EOFException("the proxy gives no answer that ends");
      }
      head.write(next);
    }
    return head.toString(ISO_8859_1);
  }

  @Override
  public void upgrade(ManagedHttpClientConnection connection, HttpHost host, HttpContext context) {
    throw new UnsupportedOperationException("it is TLS from the beginning");
  }
}
