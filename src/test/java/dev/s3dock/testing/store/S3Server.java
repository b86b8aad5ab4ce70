package dev.s3dock.testing.store;

import java.net.URI;

/**
 * A running S3 server.
 *
 * @param region the one it accepts
 */
public record S3Server(
    String name, URI endpoint, String region, String accessKey, String secretKey) {
  @Override
  public String toString() {
    return name;
  }
}
