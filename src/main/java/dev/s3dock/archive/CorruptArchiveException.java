package dev.s3dock.archive;

import java.io.IOException;

/**
 * An archive, its index or an image source is truncated, forged or contradicts itself. The message
 * says what and where; reading it again will not help.
 */
public final class CorruptArchiveException extends IOException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception with a message for the user. */
  public CorruptArchiveException(String message) {
    super(message);
  }

  /** Creates the exception with what caused it. */
  public CorruptArchiveException(String message, Throwable cause) {
    super(message, cause);
  }
}
