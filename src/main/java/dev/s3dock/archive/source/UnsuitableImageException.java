package dev.s3dock.archive.source;

import java.io.IOException;

/**
 * The source is intact, but there is no one image in it that s3dock can take: several to choose
 * from, another platform, a schema 1 manifest, an artifact that is no image. The message lists what
 * there is.
 */
public final class UnsuitableImageException extends IOException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception with a message for the user. */
  public UnsuitableImageException(String message) {
    super(message);
  }
}
