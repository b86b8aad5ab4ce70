package dev.s3dock.store.s3.access;

import java.util.Optional;

/**
 * A key pair that the user wrote down, instead of the SDK's chain of sources.
 *
 * @param sessionToken goes with the keys of a temporary session
 */
public record Credentials(String accessKey, String secretKey, Optional<String> sessionToken) {
  public Credentials {
    if (accessKey.isBlank() || secretKey.isBlank()) {
      throw new IllegalArgumentException("an access key and a secret key go together");
    }
  }

  /** Shows no secret. */
  @Override
  public String toString() {
    return "Credentials[accessKey=" + accessKey + "]";
  }
}
