package dev.s3dock.store.s3;

import dev.s3dock.store.s3.access.Credentials;
import dev.s3dock.store.s3.access.S3Route;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where the bucket is and how to get in.
 *
 * @param endpoint of a store that is not Amazon's, {@code http} or {@code https}
 * @param region by default what the SDK's chain finds, and {@code us-east-1} where it finds none
 * @param credentials by default what the SDK's chain finds
 * @param retries how often a request is sent again that failed for a passing reason, 0 or more
 * @param probeCache file that remembers what was found out about stores; need not exist
 * @param route what lies between
 */
public record S3Settings(
    String bucket,
    Optional<URI> endpoint,
    Optional<String> region,
    Optional<Credentials> credentials,
    int retries,
    ConditionalWrites conditionalWrites,
    Path probeCache,
    S3Route route) {
  public S3Settings {
    if (bucket.isBlank()) {
      throw new IllegalArgumentException("the bucket has no name");
    }
    if (retries < 0) {
      throw new IllegalArgumentException("retries: " + retries);
    }
    endpoint.ifPresent(S3Settings::requireHttp);
  }

  /** Settings of a store that is reached directly. */
  public S3Settings(
      String bucket,
      Optional<URI> endpoint,
      Optional<String> region,
      Optional<Credentials> credentials,
      int retries,
      ConditionalWrites conditionalWrites,
      Path probeCache) {
    this(
        bucket,
        endpoint,
        region,
        credentials,
        retries,
        conditionalWrites,
        probeCache,
        S3Route.DIRECT);
  }

  private static void requireHttp(URI endpoint) {
    boolean http = "http".equals(endpoint.getScheme()) || "https".equals(endpoint.getScheme());
    if (!http || endpoint.getHost() == null) {
      throw new IllegalArgumentException(
          "the endpoint " + endpoint + " must have the form https://host or http://host:port");
    }
  }
}
