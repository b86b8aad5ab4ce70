package dev.s3dock.deploy.health;

import dev.s3dock.deploy.loadbalancer.LoadBalancer;
import dev.s3dock.image.FailureWords;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLSocket;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.ssl.DefaultClientTlsStrategy;
import org.apache.hc.client5.http.ssl.TlsSocketStrategy;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * One GET over a connection of its own: what a new user would see. Redirects are not followed, and
 * nothing is tried twice.
 */
final class HttpProbe {
  private static final int CONNECTIONS = 10_000; // at the same time: a probe waits for no other

  /** Keeps no connection; to make one for each probe takes longer than the probe. */
  private static final CloseableHttpClient CLIENT =
      HttpClients.custom()
          .setConnectionManager(
              PoolingHttpClientConnectionManagerBuilder.create()
                  .setTlsSocketStrategy(HttpProbe::secure)
                  .setMaxConnTotal(CONNECTIONS)
                  .setMaxConnPerRoute(CONNECTIONS)
                  .build())
          .disableRedirectHandling()
          .disableAutomaticRetries()
          .disableCookieManagement()
          .disableContentCompression()
          .setUserAgent("s3dock")
          .build();

  private final Duration timeout;

  /**
   * Sends each request on a new connection, with this time limit.
   *
   * @param timeout for connection, request and the head of the answer together
   */
  HttpProbe(Duration timeout) {
    this.timeout = timeout;
  }

  /**
   * What came back.
   *
   * @param backend the header {@link LoadBalancer#BACKEND_HEADER}
   */
  record Answer(int status, Optional<String> backend) {}

  /**
   * Asks.
   *
   * @param connect address to take for the URL's host; empty for what DNS says
   * @throws IOException if no answer comes in time, with the reason in its message
   */
  Answer get(URI url, Optional<String> connect) throws IOException, InterruptedException {
    HttpGet request = new HttpGet(url);
    request.setHeader(LoadBalancer.PROBE_HEADER, "1");
    request.setHeader(HttpHeaders.CONNECTION, "close");
    FutureTask<Answer> task = new FutureTask<>(() -> send(url, request, connect));
    Thread thread = Thread.ofVirtual().name("probe").start(task);
    try {
      return task.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new IOException("no answer within " + timeout.toMillis() + " ms", e);
    } catch (ExecutionException e) {
      throw failure(e.getCause() == null ? e : e.getCause());
    } finally {
      request.cancel(); // ends what has been given up
      thread.interrupt(); // a connection that is being made, too
    }
  }

  private static IOException failure(Throwable cause) {
    return new IOException(
        switch (cause) {
          case InterruptedIOException _ -> "no answer in time";
          default -> FailureWords.of(cause);
        },
        cause);
  }

  private Answer send(URI url, HttpGet request, Optional<String> connect) throws IOException {
    HttpHost host = HttpHost.create(url);
    if (connect.isPresent()) {
      InetAddress address = InetAddress.getByName(connect.get());
      host = new HttpHost(host.getSchemeName(), address, host.getHostName(), host.getPort());
    }
    Timeout limit = Timeout.of(timeout);
    request.setConfig(RequestConfig.custom().setResponseTimeout(limit).build());
    return CLIENT.execute(
        host,
        request,
        response -> {
          Header backend = response.getFirstHeader(LoadBalancer.BACKEND_HEADER);
          return new Answer(
              response.getCode(),
              Optional.ofNullable(backend).map(Header::getValue).filter(v -> !v.isEmpty()));
        });
  }

  private static SSLSocket secure(
      Socket socket, String host, int port, @Nullable Object attachment, HttpContext context)
      throws IOException {
    return Tls.USUAL.upgrade(socket, host, port, attachment, context);
  }

  /**
   * Made for the first probe that needs it, and once: to read the certificates that the runtime
   * trusts takes longer than a probe.
   */
  private static final class Tls {
    static final TlsSocketStrategy USUAL = DefaultClientTlsStrategy.createDefault();
  }
}
