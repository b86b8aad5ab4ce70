package dev.s3dock.store.s3;

import dev.s3dock.store.s3.access.Addressing;
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
    Addressing addressing = settings.route().addressing();
    if (settings.endpoint().isEmpty()) {
      return new S3Address(Optional.empty(), addressing == Addressing.PATH);
    }
    URI endpoint = settings.endpoint().get();
    String bucket = settings.bucket();
    boolean inPath = addressing.inPath(bucket, endpoint);
    if (inPath || !Addressing.isInHost(bucket, endpoint)) {
      return new S3Address(Optional.of(endpoint), inPath);
    }
    String authority = endpoint.getRawAuthority();
    return new S3Address(
        Optional.of(
            URI.create(endpoint.getScheme() + "://" + authority.substring(bucket.length() + 1))),
        false);
  }

  /** True for Amazon's own endpoints, of which it is known how they behave. */
  boolean isAmazon() {
    return endpoint
        .map(uri -> uri.getHost().toLowerCase(Locale.ROOT))
        .map(host -> host.endsWith(".amazonaws.com") || host.endsWith(".amazonaws.com.cn"))
        .orElse(true);
  }
}
