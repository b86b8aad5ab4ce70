import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.URLDecoder;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Executors;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/**
 * A store and an engine that commands can be run against while the ahead-of-time cache is recorded:
 * as much of S3 and of Docker's API as these commands ask for, out of the JDK alone, so that
 * training needs neither a test class path nor an engine. It keeps what it is given in memory and
 * checks no signatures. Not for anything else; tests use real servers.
 *
 * <p>{@code java TrainingServer.java DIR} serves until it is ended. It expects {@code
 * DIR/server.p12} (password "training"), writes {@code DIR/endpoints} ({@code http-port https-port}) when it is
 * ready, and listens for Docker's API on the socket {@code DIR/docker.sock}.
 */
final class TrainingServer {
  private static final char[] PASSWORD = "training".toCharArray();
  private static final int NOT_FOUND = 404;
  private static final int PRECONDITION_FAILED = 412;

  private final Map<String, byte[]> objects = new ConcurrentSkipListMap<>();
  private final Map<String, TreeMap<Integer, byte[]>> uploads = new HashMap<>();
  private final Image image = Image.make();
  private boolean loaded;

  public static void main(String[] args) throws IOException, GeneralSecurityException {
    Path dir = Path.of(args[0]);
    TrainingServer server = new TrainingServer();
    Files.write(dir.resolve("image.tar"), server.image.tar());
    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    HttpServer plain = HttpServer.create(any, 0);
    HttpsServer secure = HttpsServer.create(any, 0);
    secure.setHttpsConfigurator(new HttpsConfigurator(tls(dir.resolve("server.p12"))));
    for (HttpServer http : new HttpServer[] {plain, secure}) {
      http.createContext("/", exchange -> server.answer(exchange));
      http.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
      http.start();
    }
    Path ready = dir.resolve("endpoints.tmp");
    Files.writeString(
        ready, plain.getAddress().getPort() + " " + secure.getAddress().getPort() + "\n");
    try (ServerSocketChannel engine = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      engine.bind(UnixDomainSocketAddress.of(dir.resolve("docker.sock")));
      Files.move(ready, dir.resolve("endpoints"));
      while (true) {
        SocketChannel client = engine.accept();
        SocketChannel http = SocketChannel.open(plain.getAddress());
        Thread.ofVirtual().start(() -> relay(client, http));
        Thread.ofVirtual().start(() -> relay(http, client));
      }
    }
  }

  private static SSLContext tls(Path keys) throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance(keys.toFile(), PASSWORD);
    KeyManagerFactory managers =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(store, PASSWORD);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    return context;
  }

  private static void relay(SocketChannel from, SocketChannel to) {
    try (from;
        to) {
      Channels.newInputStream(from).transferTo(Channels.newOutputStream(to));
    } catch (IOException e) {
      // one side has gone, as connections do
    }
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] body = exchange.getRequestBody().readAllBytes();
      boolean engine = exchange.getRequestHeaders().getFirst("Authorization") == null;
      if (engine) {
        engine(exchange);
      } else {
        s3(exchange, body);
      }
    } catch (RuntimeException e) {
      e.printStackTrace();
      throw e;
    }
  }

  // S3

  private synchronized void s3(HttpExchange exchange, byte[] body) throws IOException {
    URI uri = exchange.getRequestURI();
    String path = URLDecoder.decode(uri.getRawPath().replace("+", "%2B"), StandardCharsets.UTF_8);
    int slash = path.indexOf('/', 1);
    String key = slash < 0 ? "" : path.substring(slash + 1);
    Map<String, String> query = query(uri);
    exchange.getResponseHeaders().set("x-amz-request-id", "training");
    if (key.isEmpty()) {
      list(exchange, query);
    } else if (query.containsKey("uploads") || query.containsKey("uploadId")) {
      multipart(exchange, key, query, body);
    } else {
      object(exchange, key, body);
    }
  }

  private static Map<String, String> query(URI uri) {
    Map<String, String> query = new HashMap<>();
    if (uri.getRawQuery() != null) {
      for (String pair : uri.getRawQuery().split("&")) {
        String[] parts = pair.split("=", 2);
        query.put(
            parts[0],
            parts.length < 2 ? "" : URLDecoder.decode(parts[1], StandardCharsets.UTF_8));
      }
    }
    return query;
  }

  private void object(HttpExchange exchange, String key, byte[] body) throws IOException {
    byte[] found = objects.get(key);
    switch (exchange.getRequestMethod()) {
      case "PUT" -> {
        if (!holds(exchange, found)) {
          error(exchange, PRECONDITION_FAILED, "PreconditionFailed");
          return;
        }
        String source = exchange.getRequestHeaders().getFirst("x-amz-copy-source");
        byte[] content = source == null ? body : copied(exchange, source);
        objects.put(key, content);
        exchange.getResponseHeaders().set("ETag", etag(content));
        send(exchange, 200, source == null ? "" : copyResult("CopyObjectResult", content));
      }
      case "DELETE" -> {
        objects.remove(key);
        exchange.sendResponseHeaders(204, -1);
      }
      default -> {
        if (found == null) {
          error(exchange, NOT_FOUND, "NoSuchKey");
        } else {
          read(exchange, found);
        }
      }
    }
  }

  private static boolean holds(HttpExchange exchange, byte[] found) {
    String absent = exchange.getRequestHeaders().getFirst("If-None-Match");
    String same = exchange.getRequestHeaders().getFirst("If-Match");
    return (absent == null || found == null)
        && (same == null || (found != null && same.equals(etag(found))));
  }

  private byte[] copied(HttpExchange exchange, String source) {
    String path = URLDecoder.decode(source, StandardCharsets.UTF_8);
    byte[] content = objects.get(path.substring(path.indexOf('/', 1) + 1));
    String range = exchange.getRequestHeaders().getFirst("x-amz-copy-source-range");
    return range == null ? content : part(content, range);
  }

  private static byte[] part(byte[] content, String range) {
    String[] ends = range.substring("bytes=".length()).split("-");
    int last = ends.length > 1 ? Integer.parseInt(ends[1]) : content.length - 1;
    return Arrays.copyOfRange(
        content, Integer.parseInt(ends[0]), Math.min(last + 1, content.length));
  }

  private static void read(HttpExchange exchange, byte[] content) throws IOException {
    var headers = exchange.getResponseHeaders();
    headers.set("ETag", etag(content));
    headers.set("Last-Modified", "Mon, 21 Jul 2025 21:18:00 GMT");
    String range = exchange.getRequestHeaders().getFirst("Range");
    byte[] sent = range == null ? content : part(content, range);
    if (range != null) {
      headers.set(
          "Content-Range", range.replace("bytes=", "bytes ") + "/" + content.length);
    }
    if (exchange.getRequestMethod().equals("HEAD")) {
      headers.set("Content-Length", String.valueOf(sent.length));
      exchange.sendResponseHeaders(200, -1);
      return;
    }
    send(exchange, range == null ? 200 : 206, sent);
  }

  private void list(HttpExchange exchange, Map<String, String> query) throws IOException {
    String prefix = query.getOrDefault("prefix", "");
    String delimiter = query.getOrDefault("delimiter", "");
    StringBuilder xml = new StringBuilder("<ListBucketResult><IsTruncated>false</IsTruncated>");
    TreeSet<String> folders = new TreeSet<>();
    objects.forEach(
        (key, content) -> {
          int end = delimiter.isEmpty() ? -1 : key.indexOf(delimiter, prefix.length());
          if (key.startsWith(prefix) && end >= 0) {
            folders.add(key.substring(0, end + 1));
          } else if (key.startsWith(prefix)) {
            xml.append("<Contents><Key>%s</Key><ETag>%s</ETag><Size>%d</Size>".formatted(key, etag(content), content.length))
                .append("<LastModified>2025-07-21T21:18:00.000Z</LastModified></Contents>");
          }
        });
    for (String folder : folders) {
      xml.append("<CommonPrefixes><Prefix>").append(folder).append("</Prefix></CommonPrefixes>");
    }
    send(exchange, 200, xml.append("</ListBucketResult>").toString());
  }

  private void multipart(
      HttpExchange exchange, String key, Map<String, String> query, byte[] body)
      throws IOException {
    String id = query.getOrDefault("uploadId", "upload" + uploads.size());
    switch (exchange.getRequestMethod()) {
      case "PUT" -> {
        String source = exchange.getRequestHeaders().getFirst("x-amz-copy-source");
        byte[] content = source == null ? body : copied(exchange, source);
        uploads.get(id).put(Integer.valueOf(query.get("partNumber")), content);
        exchange.getResponseHeaders().set("ETag", etag(content));
        send(exchange, 200, source == null ? "" : copyResult("CopyPartResult", content));
      }
      case "DELETE" -> {
        uploads.get(id).clear();
        exchange.sendResponseHeaders(204, -1);
      }
      default -> {
        if (query.containsKey("uploads")) {
          uploads.put(id, new TreeMap<>());
          send(exchange, 200, upload("InitiateMultipartUploadResult", key, "<UploadId>" + id + "</UploadId>"));
          return;
        }
        var whole = new ByteArrayOutputStream();
        uploads.get(id).values().forEach(whole::writeBytes);
        objects.put(key, whole.toByteArray());
        String tag = "<ETag>" + etag(whole.toByteArray()) + "</ETag>";
        send(exchange, 200, upload("CompleteMultipartUploadResult", key, tag));
      }
    }
  }

  private static String upload(String element, String key, String rest) {
    return "<%s><Bucket>training</Bucket><Key>%s</Key>%s</%s>".formatted(element, key, rest, element);
  }

  private static String copyResult(String element, byte[] content) {
    return "<%s><ETag>%s</ETag><LastModified>2025-07-21T21:18:00.000Z</LastModified></%s>"
        .formatted(element, etag(content), element);
  }

  private static void error(HttpExchange exchange, int status, String code) throws IOException {
    if (exchange.getRequestMethod().equals("HEAD")) {
      exchange.sendResponseHeaders(status, -1);
      return;
    }
    send(exchange, status, "<Error><Code>" + code + "</Code><Message>none</Message></Error>");
  }

  private static String etag(byte[] content) {
    return '"' + hex("MD5", content) + '"';
  }

  // Docker

  private synchronized void engine(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath().replaceFirst("^/v[0-9.]+", "");
    exchange.getResponseHeaders().set("Api-Version", "1.41");
    if (path.equals("/images/get")) {
      send(exchange, 200, image.tar());
    } else if (path.equals("/images/load")) {
      loaded = true;
      send(exchange, 200, "{\"stream\":\"Loaded image\"}\n");
    } else if (path.matches("/images/.*/json") && (loaded || path.contains("/held:"))) {
      send(exchange, 200, image.inspected());
    } else if (path.equals("/version") || path.equals("/info")) {
      send(exchange, 200, "{\"Version\":\"20.10.24\",\"ApiVersion\":\"1.41\",\"Os\":\"linux\",\"Arch\":\"amd64\"}");
    } else {
      send(exchange, path.equals("/_ping") ? 200 : NOT_FOUND, "{}");
    }
  }

  private static void send(HttpExchange exchange, int status, String text) throws IOException {
    send(exchange, status, text.getBytes(StandardCharsets.UTF_8));
  }

  private static void send(HttpExchange exchange, int status, byte[] content) throws IOException {
    exchange.sendResponseHeaders(status, content.length == 0 ? -1 : content.length);
    exchange.getResponseBody().write(content);
  }

  /**
   * An image of one layer, half text and half noise, so that compression has work to do; large
   * enough for a push to begin before its end, and for the next one to copy of it.
   *
   * @param tar as of {@code docker save}
   * @param inspected as an engine tells about it
   */
  private record Image(byte[] tar, String inspected) {
    private static final int LAYER_BYTES = 24 << 20;

    static Image make() {
      Random random = new Random(1);
      byte[] content = new byte[LAYER_BYTES];
      random.nextBytes(content);
      for (int i = 0; i < content.length; i++) {
        content[i] = i % 8192 < 4096 ? (byte) ('a' + i % 23) : content[i];
      }
      byte[] layer = tar(Map.of("content", content));
      String diffIds = "[\"sha256:" + hex("SHA-256", layer) + "\"]";
      byte[] config =
          "{\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":{},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":%s}}"
              .formatted(diffIds)
              .getBytes(StandardCharsets.UTF_8);
      String id = hex("SHA-256", config);
      byte[] manifest =
          "[{\"Config\":\"%s.json\",\"RepoTags\":[],\"Layers\":[\"layer.tar\"]}]"
              .formatted(id)
              .getBytes(StandardCharsets.UTF_8);
      return new Image(
          tar(Map.of("layer.tar", layer, id + ".json", config, "manifest.json", manifest)),
          "{\"Id\":\"sha256:%s\",\"Os\":\"linux\",\"Architecture\":\"amd64\",\"RootFS\":{\"Layers\":%s}}"
              .formatted(id, diffIds));
    }

    private static byte[] tar(Map<String, byte[]> files) {
      ByteArrayOutputStream tar = new ByteArrayOutputStream();
      files.forEach(
          (name, content) -> {
            tar.writeBytes(header(name, content.length));
            tar.writeBytes(content);
            tar.writeBytes(new byte[-content.length & 511]);
          });
      tar.writeBytes(new byte[1024]);
      return tar.toByteArray();
    }

    /** A header of POSIX ustar. */
    private static byte[] header(String name, int size) {
      byte[] header = new byte[512];
      put(header, 0, name);
      put(header, 100, "0000644\0000000000\0000000000\000%011o\00000000000000\000        0".formatted(size));
      put(header, 257, "ustar\00000");
      int sum = 0;
      for (byte b : header) {
        sum += b & 0xff;
      }
      put(header, 148, "%06o\0".formatted(sum));
      return header;
    }

    private static void put(byte[] header, int offset, String text) {
      byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
      System.arraycopy(bytes, 0, header, offset, bytes.length);
    }
  }

  private static String hex(String algorithm, byte[] content) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance(algorithm).digest(content));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
