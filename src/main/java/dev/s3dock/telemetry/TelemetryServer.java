package dev.s3dock.telemetry;

import dev.s3dock.image.FailureWords;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/** Answers {@code /healthz} and {@code /metrics} of a process that serves nothing else. */
public final class TelemetryServer implements AutoCloseable {
  private static final int THREADS = 6;
  private static final int CONNECTIONS = 32;
  private static final int REQUEST_HEAD_BYTES = 8 << 10;
  private static final Duration IDLE = Duration.ofSeconds(30);

  private final Server server;
  private final ServerConnector connector;

  private TelemetryServer(
      InetSocketAddress address, PrometheusRegistry metrics, Supplier<Optional<String>> problem) {
    QueuedThreadPool threads = new QueuedThreadPool(THREADS, 1);
    threads.setName("s3dock-telemetry");
    threads.setDaemon(true);
    this.server = new Server(threads);
    HttpConfiguration http = new HttpConfiguration();
    http.setSendServerVersion(false);
    http.setRequestHeaderSize(REQUEST_HEAD_BYTES);
    this.connector = new ServerConnector(server, 1, 1, new HttpConnectionFactory(http));
    connector.setHost(address.getAddress().getHostAddress());
    connector.setPort(address.getPort());
    connector.setIdleTimeout(IDLE.toMillis());
    connector.setReuseAddress(true);
    server.addConnector(connector);
    server.addBean(new NetworkConnectionLimit(CONNECTIONS, server));
    server.setHandler(new Answers(metrics, problem));
  }

  /**
   * Listens.
   *
   * @param problem why the process does not do its work; empty if it does
   * @throws IOException if the address cannot be had
   */
  public static TelemetryServer start(
      InetSocketAddress address, PrometheusRegistry metrics, Supplier<Optional<String>> problem)
      throws IOException {
    TelemetryServer started = new TelemetryServer(address, metrics, problem);
    try {
      started.server.start();
      return started;
    } catch (Exception e) {
      started.close();
      Throwable at = e;
      while (at.getCause() != null) {
        at = at.getCause();
      }
      throw new IOException(
          "cannot listen on %s:%d: %s"
              .formatted(address.getHostString(), address.getPort(), FailureWords.of(at)),
          e);
    }
  }

  /** Where it listens; for one that was told to take any port. */
  public int port() {
    return connector.getLocalPort();
  }

  @Override
  public void close() {
    try {
      server.stop();
    } catch (Exception e) {
      // what was under way is cut
    }
  }

  private static final class Answers extends Handler.Abstract {
    private final PrometheusRegistry metrics;
    private final Supplier<Optional<String>> problem;

    Answers(PrometheusRegistry metrics, Supplier<Optional<String>> problem) {
      this.metrics = metrics;
      this.problem = problem;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback)
        throws IOException {
      String path = Objects.requireNonNullElse(request.getHttpURI().getPath(), "");
      boolean reads = request.getMethod().equals("GET") || request.getMethod().equals("HEAD");
      if (!reads) {
        write(response, callback, 405, "text/plain", "GET and HEAD alone\n");
      } else if (path.equals("/healthz")) {
        Optional<String> found = problem.get();
        write(
            response,
            callback,
            found.isPresent() ? 503 : 200,
            "text/plain",
            found.orElse("ok") + "\n");
      } else if (path.equals("/metrics")) {
        Exposition text =
            Exposition.of(
                metrics,
                Objects.requireNonNullElse(request.getHeaders().get(HttpHeader.ACCEPT), ""));
        write(response, callback, 200, text.contentType(), text.bytes());
      } else {
        write(response, callback, 404, "text/plain", "/healthz and /metrics alone\n");
      }
      return true;
    }

    private static void write(
        Response response, Callback callback, int status, String type, String text) {
      write(response, callback, status, type, text.getBytes(StandardCharsets.UTF_8));
    }

    private static void write(
        Response response, Callback callback, int status, String type, byte[] bytes) {
      response.setStatus(status);
      response.getHeaders().put(HttpHeader.CONTENT_TYPE, type);
      response.getHeaders().put(HttpHeader.CONTENT_LENGTH, bytes.length);
      response.write(true, ByteBuffer.wrap(bytes), callback);
    }
  }
}
