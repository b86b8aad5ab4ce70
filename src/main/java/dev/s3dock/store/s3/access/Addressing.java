package dev.s3dock.store.s3.access;

import java.net.URI;
import java.util.Locale;

/** Where a bucket stands in the address of a request. */
public enum Addressing {
  /** In the host's name if the endpoint begins with it as Amazon's do; else in the path. */
  AUTO,
  /** In the path: {@code https://host/bucket/key}. */
  PATH,
  /** In the host's name: {@code https://bucket.host/key}. */
  VIRTUAL;

  /** By its name in configurations: {@code auto}, {@code path} or {@code virtual}. */
  public static Addressing of(String name) {
    return valueOf(name.toUpperCase(Locale.ROOT));
  }

  /** True if requests to this endpoint have the bucket in the path. */
  public boolean inPath(String bucket, URI endpoint) {
    return switch (this) {
      case PATH -> true;
      case VIRTUAL -> false;
      case AUTO -> !isInHost(bucket, endpoint) || !isStore(rest(bucket, endpoint));
    };
  }

  /** True if the endpoint's host begins with the bucket's name. */
  public static boolean isInHost(String bucket, URI endpoint) {
    return endpoint.getHost().startsWith(bucket + ".")
        && !endpoint.getHost().matches("[0-9.]+"); // no bucket stands in an IP address
  }

  private static String rest(String bucket, URI endpoint) {
    return endpoint.getHost().substring(bucket.length() + 1);
  }

  /**
   * What is left of a host may be that of a store. Without that, {@code minio.example.com} is the
   * host of a store which has a bucket of the same name.
   */
  private static boolean isStore(String host) {
    return host.equals("localhost")
        || host.matches("s3[^.]*(\\..*)?")
        || host.chars().filter(c -> c == '.').count() >= 2;
  }
}
