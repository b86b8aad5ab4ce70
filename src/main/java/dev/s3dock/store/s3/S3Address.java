package dev.s3dock.store.s3;

import java.net.URI;
import java.util.Locale;
import java.util.Optional;

/**
 * How the bucket is addressed: in the path, as most stores other than Amazon's need it, or in the
 * host's name.
 *
 * @param endpoint without the bucket; empty for Amazon's own
 */
record S3Address(Optional<URI> endpoint, boolean pathStyle) {
  static S3Address of(S3Settings settings) {
    if (settings.endpoint().isEmpty()) {
      return new S3Address(Optional.empty(), false);
    }
    URI endpoint = settings.endpoint().get();
    String inHost = settings.bucket() + ".";
    if (!endpoint.getHost().startsWith(inHost) || isNumbers(endpoint.getHost())) {
      return new S3Address(Optional.of(endpoint), true);
    }
    String authority = endpoint.getRawAuthority();
    return new S3Address(
        Optional.of(
            URI.create(endpoint.getScheme() + "://" + authority.substring(inHost.length()))),
        false);
  }

  /** An IP address, in which no bucket stands. */
  private static boolean isNumbers(String host) {
    return host.matches("[0-9.]+");
  }

  /** True for Amazon's own endpoints, of which it is known how they behave. */
  boolean isAmazon() {
    return endpoint
        .map(uri -> uri.getHost().toLowerCase(Locale.ROOT))
        .map(host -> host.endsWith(".amazonaws.com") || host.endsWith(".amazonaws.com.cn"))
        .orElse(true);
  }
}
