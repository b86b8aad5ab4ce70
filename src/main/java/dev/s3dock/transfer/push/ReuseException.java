package dev.s3dock.transfer.push;

import java.io.IOException;

/** A stored archive cannot serve as the source of another one; the push goes on without it. */
final class ReuseException extends IOException {
  private static final long serialVersionUID = 1L;

  ReuseException(String message) {
    super(message);
  }

  ReuseException(Exception cause) {
    super(cause.getMessage(), cause);
  }
}
