package dev.s3dock.distribution.server;

import dev.s3dock.distribution.BlobReader;
import dev.s3dock.distribution.Repositories;
import dev.s3dock.image.FailureWords;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Clock;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.GracefulHandler;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/**
 * A registry over HTTP, read-only. Requests run on virtual threads; a connection on which nothing
 * moves is closed, and a request that is no HTTP is answered with 400.
 */
public final class DistributionServer implements AutoCloseable {
  private static final int THREADS = 16;
  private static final int REQUEST_HEAD_BYTES = 8 << 10;

  private final Server server;
  private final ServerConnector connector;
  private final GracefulHandler running;
  private final ServerSettings settings;
  private final ExecutorService requests =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("s3dock-request-", 1).factory());

  /** What is served, and who is told of it. */
  public record Parts(
      Repositories repositories,
      BlobReader blobs,
      ServerMetrics metrics,
      AccessRecord.Log log,
      Clock clock) {}

  private DistributionServer(ServerSettings settings, Parts parts) throws IOException {
    this.settings = settings;
    QueuedThreadPool threads = new QueuedThreadPool(THREADS, Math.min(4, THREADS));
    threads.setName("s3dock-http");
    threads.setDaemon(true);
    threads.setVirtualThreadsExecutor(requests);
    this.server = new Server(threads);
    this.connector = connector();
    server.addConnector(connector);
    server.addBean(new NetworkConnectionLimit(settings.connections(), server));
    this.running =
        new GracefulHandler(new ProtocolHandler(parts, new Visitors(settings), settings.idle()));
    server.setHandler(running);
    server.setErrorHandler(new JsonErrors());
    server.setRequestLog(new AccessNotes(parts));
  }

  /**
   * Listens.
   *
   * @throws IOException if the address cannot be had, or the certificate not be used
   */
  public static DistributionServer start(ServerSettings settings, Parts parts) throws IOException {
    DistributionServer started = new DistributionServer(settings, parts);
    try {
      started.server.start();
      return started;
    } catch (Exception e) {
      started.stop();
      throw new UnavailableAddressException(
          "cannot listen on %s:%d: %s; choose another address or port with --listen"
              .formatted(
                  settings.address().getHostString(), settings.address().getPort(), reason(e)),
          e);
    }
  }

  /** The address is in use, or none of this machine. */
  public static final class UnavailableAddressException extends IOException {
    private static final long serialVersionUID = 1L;

    UnavailableAddressException(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /** Jetty's own message repeats the address. */
  private static String reason(Throwable e) {
    Throwable at = e;
    while (at.getCause() != null) {
      at = at.getCause();
    }
    return FailureWords.of(at);
  }

  private ServerConnector connector() throws IOException {
    HttpConfiguration http = new HttpConfiguration();
    http.setSendServerVersion(false);
    http.setSendDateHeader(true);
    http.setRequestHeaderSize(REQUEST_HEAD_BYTES);
    ServerConnector made;
    if (settings.tls().isPresent()) {
      http.addCustomizer(new SecureRequestCustomizer(false)); // names are for clients to compare
      made =
          new ServerConnector(
              server,
              1,
              1,
              RenewedTls.of(settings.tls().get(), settings.users().isEmpty(), "http/1.1"),
              new HttpConnectionFactory(http));
    } else {
      made = new ServerConnector(server, 1, 1, new HttpConnectionFactory(http));
    }
    made.setHost(settings.address().getAddress().getHostAddress());
    made.setPort(settings.address().getPort());
    made.setIdleTimeout(settings.idle().toMillis());
    made.setReuseAddress(true);
    return made;
  }

  /** Where it listens. */
  public InetSocketAddress address() {
    return new InetSocketAddress(settings.address().getAddress(), connector.getLocalPort());
  }

  /** The same, for clients. */
  public URI uri() {
    String scheme = settings.tls().isPresent() ? "https" : "http";
    String host = settings.address().getAddress().getHostAddress();
    return URI.create(
        "%s://%s:%d"
            .formatted(
                scheme, host.contains(":") ? "[" + host + "]" : host, connector.getLocalPort()));
  }

  /**
   * Takes no more requests, and waits for those that are under way, as long as the settings allow.
   * Jetty's own way would close connections on which nothing moves for a second.
   */
  @Override
  public void close() {
    connector.close();
    try {
      running.shutdown().get(settings.grace().toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      // what is still under way is cut
    }
    stop();
  }

  private void stop() {
    try {
      server.stop();
    } catch (Exception e) {
      // it has not started, or what was under way was cut
    } finally {
      requests.shutdownNow();
    }
  }
}
