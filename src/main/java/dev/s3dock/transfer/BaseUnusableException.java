package dev.s3dock.transfer;

import java.io.IOException;

/** A stored archive cannot serve as the source of another one; the push goes on without it. */
final class BaseUnusableException extends IOException {
  private static final long serialVersionUID = 1L;

  BaseUnusableException(String message) {
    super(message);
  }

  BaseUnusableException(Exception cause) {
    super(cause.getMessage(), cause);
  }
}
