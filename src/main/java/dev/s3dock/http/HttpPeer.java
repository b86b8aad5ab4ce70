package dev.s3dock.http;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ByteChannel;
import java.nio.channels.FileChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.apache.hc.client5.http.ClientProtocolException;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.classic.MinimalHttpClient;
import org.apache.hc.client5.http.impl.io.DefaultHttpClientConnectionOperator;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.io.HttpClientConnectionOperator;
import org.apache.hc.client5.http.ssl.DefaultClientTlsStrategy;
import org.apache.hc.client5.http.ssl.TlsSocketStrategy;
import org.apache.hc.core5.http.ConnectionClosedException;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.NoHttpResponseException;
import org.apache.hc.core5.http.config.RegistryBuilder;
import org.apache.hc.core5.pool.PoolConcurrencyPolicy;
import org.apache.hc.core5.pool.PoolReusePolicy;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;

/**
 * One server, and the connections to it. Nothing is sent twice, no redirect is followed, and an
 * answer may take as long as it likes: a caller who is in a hurry interrupts the thread, which ends
 * the connection.
 *
 * <p>May be used by many threads.
 */
public final class HttpPeer implements AutoCloseable {
  private static final int CONNECTIONS = 16;

  private final HttpHost host;
  private final boolean keepsConnections;
  private final MinimalHttpClient client;

  private HttpPeer(
      HttpHost host,
      boolean keepsConnections,
      HttpClientConnectionOperator operator,
      ConnectionConfig config) {
    this.host = host;
    this.keepsConnections = keepsConnections;
    PoolingHttpClientConnectionManager connections =
        new PoolingHttpClientConnectionManager(
            operator,
            PoolConcurrencyPolicy.STRICT,
            PoolReusePolicy.LIFO,
            TimeValue.NEG_ONE_MILLISECOND,
            EarlyAnswerConnection::create);
    connections.setMaxTotal(CONNECTIONS);
    connections.setDefaultMaxPerRoute(CONNECTIONS);
    connections.setDefaultConnectionConfig(config);
    this.client = HttpClients.createMinimal(connections);
  }

  /**
   * A server on a Unix socket.
   *
   * @param name to send as {@code Host}; may be replaced in a request
   */
  public static HttpPeer ofUnixSocket(Path socket, String name) {
    return local(name, () -> connect(socket));
  }

  /**
   * A server on a named pipe of Windows.
   *
   * @param name to send as {@code Host}; may be replaced in a request
   */
  public static HttpPeer ofPipe(Path pipe, String name) {
    return local(
        name, () -> FileChannel.open(pipe, StandardOpenOption.READ, StandardOpenOption.WRITE));
  }

  /** A connection is so cheap here that none is kept, and so none is found dead. */
  private static HttpPeer local(String name, ChannelOperator.Opener opener) {
    return new HttpPeer(
        new HttpHost(name), false, new ChannelOperator(opener), ConnectionConfig.DEFAULT);
  }

  private static ByteChannel connect(Path socket) throws IOException {
    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      channel.connect(UnixDomainSocketAddress.of(socket));
      return channel;
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  /**
   * A server on a port.
   *
   * @param name a host name or an IP address, that of IPv6 without brackets
   * @param timeout for a connection
   * @param tls empty for none
   */
  public static HttpPeer ofTcp(String name, int port, Duration timeout, Optional<SSLContext> tls) {
    return ofTcp(name, port, timeout, Duration.ZERO, tls);
  }

  /**
   * The same.
   *
   * @param idle how long the server may say nothing while something of it is waited for; zero for
   *     as long as it likes
   */
  public static HttpPeer ofTcp(
      String name, int port, Duration timeout, Duration idle, Optional<SSLContext> tls) {
    RegistryBuilder<TlsSocketStrategy> strategies = RegistryBuilder.create();
    tls.ifPresent(context -> strategies.register("https", new DefaultClientTlsStrategy(context)));
    return new HttpPeer(
        new HttpHost(tls.isPresent() ? "https" : "http", name, port),
        true,
        new DefaultHttpClientConnectionOperator(null, null, strategies.build()),
        config(timeout, idle));
  }

  /**
   * A server that is reached by TLS through a proxy.
   *
   * @param proxy {@code http://host:port}, perhaps with a user and a password
   * @param idle as above
   */
  public static HttpPeer through(
      URI proxy, String name, int port, Duration timeout, Duration idle, SSLContext tls) {
    return new HttpPeer(
        new HttpHost("https", name, port),
        true,
        new TunnelOperator(proxy, timeout, tls),
        config(timeout, idle));
  }

  private static ConnectionConfig config(Duration timeout, Duration idle) {
    return ConnectionConfig.custom()
        .setConnectTimeout(Timeout.of(timeout))
        .setSocketTimeout(idle.isZero() ? null : Timeout.of(idle))
        .setValidateAfterInactivity(TimeValue.ZERO_MILLISECONDS)
        .build();
  }

  /**
   * Sends a request, and returns once the head of the answer has come, even if that is before the
   * request's end: the rest is not sent then.
   *
   * @return to be closed by the caller
   * @throws IOException if there is no connection, or no answer over it; or what the source of the
   *     body threw
   */
  public Response send(Request request) throws IOException {
    HttpUriRequestBase sent = new HttpUriRequestBase(request.method(), URI.create(request.path()));
    sent.setHeader(HttpHeaders.USER_AGENT, "s3dock");
    request.headers().forEach(sent::setHeader);
    sent.setEntity(request.body());
    if (!keepsConnections || request.body() instanceof UploadEntity) {
      sent.setHeader(HttpHeaders.CONNECTION, "close");
    }
    try {
      return new Response(sent, client.executeOpen(host, sent, null));
    } catch (UploadEntity.Unreadable e) {
      throw e.reason();
    }
  }

  /**
   * True for a failure of {@link #send}, or of reading an answer: the server closed in its midst.
   */
  public static boolean hungUp(Throwable failure) {
    return failure instanceof NoHttpResponseException
        || failure instanceof ConnectionClosedException;
  }

  /** True for a failure of {@link #send}: what came is not HTTP. */
  public static boolean speaksOtherwise(Throwable failure) {
    return failure instanceof ClientProtocolException;
  }

  /** Ends all connections. */
  @Override
  public void close() throws IOException {
    client.close();
  }
}
