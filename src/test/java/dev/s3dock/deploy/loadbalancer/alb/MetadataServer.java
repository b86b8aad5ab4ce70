package dev.s3dock.deploy.loadbalancer.alb;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The EC2 instance metadata service, in version 2 alone: 401 without the token that a PUT has given
 * (Amazon EC2 User Guide, "How Instance Metadata Service Version 2 works").
 */
public final class MetadataServer implements AutoCloseable {
  private static final String TOKEN = "dG9rZW4=";

  private final HttpServer server;
  private final Map<String, String> facts;
  private final AtomicInteger asked = new AtomicInteger();

  public MetadataServer(String instance, String address) {
    facts =
        Map.of("/latest/meta-data/instance-id", instance, "/latest/meta-data/local-ipv4", address);
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.createContext("/", this::handle);
    server.start();
  }

  /** {@code host:port}. */
  public String address() {
    return "127.0.0.1:" + server.getAddress().getPort();
  }

  /** How many facts were asked for. */
  int asked() {
    return asked.get();
  }

  private void handle(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    if (exchange.getRequestMethod().equals("PUT") && path.equals("/latest/api/token")) {
      String seconds =
          exchange.getRequestHeaders().getFirst("X-aws-ec2-metadata-token-ttl-seconds");
      boolean valid = seconds != null && seconds.matches("[1-9][0-9]{0,4}");
      answer(exchange, valid ? 200 : 400, valid ? TOKEN : "");
      return;
    }
    asked.incrementAndGet();
    if (!TOKEN.equals(exchange.getRequestHeaders().getFirst("X-aws-ec2-metadata-token"))) {
      answer(exchange, 401, "");
      return;
    }
    String fact = facts.getOrDefault(path, "");
    answer(exchange, fact.isEmpty() ? 404 : 200, fact);
  }

  private static void answer(HttpExchange exchange, int status, String text) throws IOException {
    byte[] body = text.getBytes(UTF_8);
    exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
