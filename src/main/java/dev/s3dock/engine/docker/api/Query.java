package dev.s3dock.engine.docker.api;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLEncoder;

/** A path of the API with its query. */
public final class Query {
  private final StringBuilder text;
  private char separator = '?';

  public Query(String path) {
    text = new StringBuilder(path);
  }

  /** A reference as part of a path: its slashes and colon stay. */
  public static String path(String before, String reference, String after) {
    String encoded = encode(reference).replace("%2F", "/").replace("%3A", ":").replace("%40", "@");
    return before + encoded + after;
  }

  public Query with(String name, String value) {
    text.append(separator).append(name).append('=').append(encode(value));
    separator = '&';
    return this;
  }

  private static String encode(String value) {
    return URLEncoder.encode(value, UTF_8).replace("+", "%20");
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
