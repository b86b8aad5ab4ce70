package dev.s3dock.deploy.loadbalancer;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.s3dock.deploy.loadbalancer.LoadBalancerException.Kind;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * One HTTP/1.1 request on a connection of its own. Not java.net.http: that takes no Unix socket,
 * and sends some requests twice by itself.
 */
public record HttpCall(String method, String path, Map<String, String> headers, String body) {
  public static HttpCall get(String path, String host) {
    return new HttpCall("GET", path, Map.of("Host", host), "");
  }

  /**
   * An answer.
   *
   * @param headers by name in lower case, with those that came after the body
   */
  public record Answer(int status, Map<String, String> headers, String body) {
    public boolean succeeded() {
      return status >= 200 && status < 300;
    }

    public String header(String name) {
      return headers.getOrDefault(name, "");
    }
  }

  public byte[] bytes() {
    StringBuilder head = new StringBuilder(method + " " + path + " HTTP/1.1\r\n");
    headers.forEach((name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
    byte[] content = body.getBytes(UTF_8);
    if (content.length > 0) {
      head.append("Content-Length: ").append(content.length).append("\r\n");
    }
    head.append("Connection: close\r\n\r\n");
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.writeBytes(head.toString().getBytes(ISO_8859_1));
    all.writeBytes(content);
    return all.toByteArray();
  }

  /**
   * All that came until the connection was closed.
   *
   * @param from for messages
   */
  public static Answer parse(byte[] bytes, String from) {
    String text = new String(bytes, ISO_8859_1);
    int end = text.indexOf("\r\n\r\n");
    if (!text.matches("(?s)HTTP/1\\.[01] [1-5][0-9][0-9].*") || end < 0) {
      throw bytes.length == 0
          ? cut(from)
          : new LoadBalancerException(
              Kind.UNAVAILABLE, from + " does not answer with HTTP: check the address");
    }
    Map<String, String> headers = new LinkedHashMap<>();
    text.substring(0, end).lines().skip(1).forEach(it -> add(it, headers));
    String rest = text.substring(end + 4);
    boolean chunked = headers.getOrDefault("transfer-encoding", "").equalsIgnoreCase("chunked");
    String content = chunked ? joined(rest, headers, from) : whole(rest, headers, from);
    return new Answer(
        Integer.parseInt(text.substring(9, 12)),
        headers,
        new String(content.getBytes(ISO_8859_1), UTF_8));
  }

  private static void add(String line, Map<String, String> headers) {
    int colon = line.indexOf(':');
    if (colon > 0) {
      headers.put(
          line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
    }
  }

  private static String whole(String rest, Map<String, String> headers, String from) {
    String length = headers.getOrDefault("content-length", "");
    if (!length.isEmpty() && !length.equals(String.valueOf(rest.length()))) {
      throw cut(from);
    }
    return rest;
  }

  /** Chunks, and fields that come after them: Caddy sends its ETag there. */
  private static String joined(String chunks, Map<String, String> headers, String from) {
    StringBuilder body = new StringBuilder();
    int at = 0;
    while (true) {
      int end = chunks.indexOf("\r\n", at);
      if (end < 0 || !chunks.substring(at, end).matches("[0-9A-Fa-f]{1,7}")) {
        throw cut(from);
      }
      int size = Integer.parseInt(chunks.substring(at, end), 16);
      if (size == 0) {
        chunks.substring(end + 2).lines().forEach(it -> add(it, headers));
        return body.toString();
      }
      at = end + 2 + size + 2;
      if (at > chunks.length()) {
        throw cut(from);
      }
      body.append(chunks, end + 2, at - 2);
    }
  }

  private static LoadBalancerException cut(String from) {
    return new LoadBalancerException(
        Kind.UNAVAILABLE,
        from + " closed the connection before the end of its answer: is it being restarted?",
        new EOFException());
  }
}
