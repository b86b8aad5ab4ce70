package dev.s3dock.deploy.target;

import dev.s3dock.image.Digest;
import dev.s3dock.image.ImageReference;
import dev.s3dock.image.InvalidNameException;
import java.util.Optional;

/**
 * An image as an orchestrator is told it: {@code ENDPOINT/APP:STAMP-HASH@sha256:…}. Who pulls it
 * goes by the digest alone; the tag says to people, and to s3dock, which commit that is.
 *
 * @param endpoint host and port, maybe with a path, where engines of the target find {@code s3dock
 *     serve}
 */
record TargetImage(String endpoint, ImageReference image, Digest digest) {
  private static final String BEFORE_DIGEST = "@sha256:";

  /** Reads one; empty for any other text. */
  static Optional<TargetImage> parse(String text) {
    int slash = text.lastIndexOf('/');
    int at = text.indexOf(BEFORE_DIGEST);
    if (slash < 1 || at < slash) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new TargetImage(
              text.substring(0, slash),
              ImageReference.parse(text.substring(slash + 1, at)),
              Digest.parse(text.substring(at + 1))));
    } catch (InvalidNameException e) {
      return Optional.empty();
    }
  }

  @Override
  public String toString() {
    return "%s/%s@%s".formatted(endpoint, image, digest);
  }
}
