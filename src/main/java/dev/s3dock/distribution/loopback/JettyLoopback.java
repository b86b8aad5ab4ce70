package dev.s3dock.distribution.loopback;

import dev.s3dock.transfer.loopback.LoopbackRegistry;
import dev.s3dock.transfer.loopback.PullEndpoint;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/**
 * Listens on a free port of 127.0.0.1, which engines take for insecure without configuration. What
 * is no HTTP, such as the TLS hello that engines begin with, is answered with 400 at once: then
 * they go on without TLS.
 */
public final class JettyLoopback implements LoopbackRegistry, PullEndpoint {
  private static final String HOST = "127.0.0.1";
  private static final int THREADS = 8;

  /** Longer than an engine holds back: it sends or takes several layers, and waits for one. */
  private static final Duration IDLE = Duration.ofHours(1);

  private static final SecureRandom RANDOM = new SecureRandom();

  @Override
  public Opened open(Receiver receiver) throws IOException {
    String repository = secret(LoopbackRegistry.PREFIX);
    return Listening.start(repository, new PushHandler(repository, receiver));
  }

  @Override
  public Opened open(Image image) throws IOException {
    String repository = secret(PullEndpoint.PREFIX);
    return Listening.start(repository, new PullHandler(repository, image));
  }

  private static String secret(String prefix) {
    byte[] secret = new byte[16];
    RANDOM.nextBytes(secret);
    return prefix + HexFormat.of().formatHex(secret);
  }

  private static final class Listening implements Opened {
    private final String repository;
    private final Server server;
    private final ServerConnector connector;
    private final ExecutorService requests =
        Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("s3dock-loopback-", 1).factory());

    private Listening(String repository, Handler handler) {
      this.repository = repository;
      QueuedThreadPool threads = new QueuedThreadPool(THREADS, THREADS / 2);
      threads.setName("s3dock-loopback");
      threads.setDaemon(true);
      threads.setVirtualThreadsExecutor(requests);
      this.server = new Server(threads);
      HttpConfiguration http = new HttpConfiguration();
      http.setSendServerVersion(false);
      this.connector = new ServerConnector(server, 1, 1, new HttpConnectionFactory(http));
      connector.setHost(HOST);
      connector.setIdleTimeout(IDLE.toMillis());
      server.addConnector(connector);
      server.setHandler(handler);
    }

    static Listening start(String repository, Handler handler) throws IOException {
      Listening listening = new Listening(repository, handler);
      try {
        listening.server.start();
        return listening;
      } catch (Exception e) {
        listening.close();
        throw new IOException("cannot listen on 127.0.0.1", e);
      }
    }

    @Override
    public String name() {
      return HOST + ":" + connector.getLocalPort() + "/" + repository;
    }

    @Override
    public void close() {
      try {
        server.setStopTimeout(0);
        server.stop();
      } catch (Exception e) {
        // what was under way is cut
      } finally {
        requests.shutdownNow();
      }
    }
  }
}
