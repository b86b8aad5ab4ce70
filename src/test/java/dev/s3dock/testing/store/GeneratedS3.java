package dev.s3dock.testing.store;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.s3dock.testing.store.GeneratedBucket.Item;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Serves a {@link GeneratedBucket} as S3 does, to be read only, and counts the requests by kind:
 * GET and HEAD of objects, LIST for each page of a listing, and LIST UPLOADS. Signatures are not
 * looked at.
 */
public final class GeneratedS3 implements AutoCloseable {
  private static final String NAMESPACE = "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"";

  private final GeneratedBucket bucket;
  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private Map<String, Long> counts = new HashMap<>();

  /** Serves the bucket, whatever name it is asked for, on 127.0.0.1. */
  public GeneratedS3(GeneratedBucket bucket) throws IOException {
    this.bucket = bucket;
    this.server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 100);
    server.setExecutor(threads);
    server.createContext("/", this::answer);
    server.start();
  }

  /** Where it listens. */
  public URI endpoint() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  /** How many requests of each kind came since the last call. */
  public synchronized Map<String, Long> counted() {
    Map<String, Long> counted = counts;
    counts = new HashMap<>();
    return counted;
  }

  private synchronized void count(String kind) {
    counts.merge(kind, 1L, Long::sum);
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath().substring(1);
      String key = path.contains("/") ? path.substring(path.indexOf('/') + 1) : "";
      Map<String, String> query = query(exchange.getRequestURI().getRawQuery());
      String method = exchange.getRequestMethod();
      if (!method.equals("GET") && !method.equals("HEAD")) {
        count(method);
        send(exchange, 405, error("MethodNotAllowed"));
      } else if (!key.isEmpty()) {
        count(method);
        object(exchange, key);
      } else if (query.containsKey("uploads")) {
        count("LIST UPLOADS");
        send(exchange, 200, "<ListMultipartUploadsResult %s/>".formatted(NAMESPACE));
      } else {
        count("LIST");
        send(exchange, 200, list(query));
      }
    }
  }

  private static Map<String, String> query(String raw) {
    return Stream.of(Objects.requireNonNullElse(raw, "").split("&"))
        .map(pair -> pair.split("=", 2))
        .collect(
            Collectors.toMap(
                pair -> pair[0],
                pair -> pair.length > 1 ? URLDecoder.decode(pair[1], StandardCharsets.UTF_8) : "",
                (one, other) -> other));
  }

  private void object(HttpExchange exchange, String key) throws IOException {
    Item entry = bucket.find(key).orElse(null);
    if (entry == null) {
      send(exchange, 404, error("NoSuchKey"));
      return;
    }
    exchange.getResponseHeaders().set("ETag", quoted(entry.etag()));
    send(exchange, 200, entry.text().get());
  }

  private static String quoted(String etag) {
    return '"' + etag + '"';
  }

  private static String error(String code) {
    return "<Error><Code>%s</Code><Message>%s</Message></Error>".formatted(code, code);
  }

  /** A page goes on after the last thing that was on the one before. */
  private String list(Map<String, String> query) {
    String prefix = query.getOrDefault("prefix", "");
    String after = query.getOrDefault("continuation-token", "");
    int most = Integer.parseInt(query.getOrDefault("max-keys", "1000"));
    boolean folders = query.containsKey("delimiter");
    List<String> names =
        folders
            ? bucket
                .folders(prefix)
                .filter(name -> name.compareTo(after) > 0)
                .limit(most + 1L)
                .toList()
            : List.of();
    List<Item> entries =
        folders ? List.of() : bucket.objects(prefix, after).limit(most + 1L).toList();
    boolean more = names.size() + entries.size() > most;
    StringBuilder page = new StringBuilder("<ListBucketResult %s>".formatted(NAMESPACE));
    page.append("<Prefix>%s</Prefix><IsTruncated>%b</IsTruncated>".formatted(prefix, more));
    if (more) {
      String last = folders ? names.get(most - 1) : entries.get(most - 1).key();
      page.append("<NextContinuationToken>%s</NextContinuationToken>".formatted(last));
    }
    names.stream()
        .limit(most)
        .forEach(
            name ->
                page.append(
                    "<CommonPrefixes><Prefix>%s%s/</Prefix></CommonPrefixes>"
                        .formatted(prefix, name)));
    entries.stream().limit(most).forEach(entry -> append(entry, page));
    return page.append("</ListBucketResult>").toString();
  }

  private static void append(Item entry, StringBuilder page) {
    page.append("<Contents><Key>").append(entry.key()).append("</Key><LastModified>");
    page.append(entry.modified()).append("</LastModified><ETag>").append(quoted(entry.etag()));
    page.append("</ETag><Size>").append(entry.size()).append("</Size></Contents>");
  }

  private static void send(HttpExchange exchange, int status, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    boolean head = exchange.getRequestMethod().equals("HEAD");
    exchange.sendResponseHeaders(status, head || bytes.length == 0 ? -1 : bytes.length);
    if (!head) {
      exchange.getResponseBody().write(bytes);
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.close();
  }
}
