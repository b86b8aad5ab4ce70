package dev.s3dock.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.jspecify.annotations.Nullable;

/** What is asked. A request is not changed: each method here returns another one. */
public final class Request {
  private static final ContentType JSON = ContentType.create("application/json");

  private final String method;
  private final String path;
  private final Map<String, String> headers;
  private final @Nullable HttpEntity body;

  private Request(
      String method, String path, Map<String, String> headers, @Nullable HttpEntity body) {
    this.method = method;
    this.path = path;
    this.headers = headers;
    this.body = body;
  }

  /**
   * A request without a body.
   *
   * @param path begins with a slash, is encoded, and may have a query
   */
  public static Request of(String method, String path) {
    return new Request(method, path, Map.of(), null);
  }

  /** With this header; {@code Host} replaces what would be sent. */
  public Request header(String name, String value) {
    Map<String, String> all = new LinkedHashMap<>(headers);
    all.put(name, value);
    return new Request(method, path, all, body);
  }

  /** With a JSON document. */
  public Request json(String document) {
    return new Request(method, path, headers, new ByteArrayEntity(document.getBytes(UTF_8), JSON));
  }

  /** With this body. */
  public Request content(byte[] content, String contentType) {
    return new Request(
        method, path, headers, new ByteArrayEntity(content, ContentType.parse(contentType)));
  }

  /**
   * With a body of this length, which can be sent once.
   *
   * @param source is read to its end, or until an answer comes; not closed
   * @param length bytes
   */
  public Request upload(InputStream source, String contentType, long length) {
    return new Request(method, path, headers, new UploadEntity(source, contentType, length));
  }

  /**
   * With a body of unknown length, which can be sent once.
   *
   * @param source is read to its end, or until an answer comes; not closed
   */
  public Request upload(InputStream source, String contentType) {
    return new Request(method, path, headers, new UploadEntity(source, contentType, -1));
  }

  String method() {
    return method;
  }

  String path() {
    return path;
  }

  Map<String, String> headers() {
    return headers;
  }

  @Nullable HttpEntity body() {
    return body;
  }
}
