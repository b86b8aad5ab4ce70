package dev.s3dock.transfer.export;

import java.io.IOException;

/** An engine's push has ended before all of the image had come: a save has to do. */
public final class PushEndedException extends IOException {
  private static final long serialVersionUID = 1L;

  PushEndedException(String message) {
    super(message);
  }
}
