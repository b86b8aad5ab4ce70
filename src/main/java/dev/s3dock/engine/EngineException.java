package dev.s3dock.engine;

import org.jspecify.annotations.Nullable;

/** An engine did not do what it was asked to. The message names the object and a remedy. */
public final class EngineException extends RuntimeException {
  private final Kind kind;

  /** What went wrong. */
  public enum Kind {
    /** The engine cannot be reached, refuses us, or does not begin to answer in time. */
    UNAVAILABLE,
    /** The engine does not speak the version of the API that s3dock needs. */
    TOO_OLD,
    /** The engine has no such image or container. */
    NOT_FOUND,
    /** A step of the build failed, or its context cannot be sent. */
    BUILD_FAILED,
    /** The engine does not accept the archive. */
    LOAD_REFUSED,
    /** The engine's disk is full. */
    NO_SPACE,
    /** Anything else. */
    FAILED
  }

  public EngineException(Kind kind, String message) {
    this(kind, message, null);
  }

  public EngineException(Kind kind, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  public Kind kind() {
    return kind;
  }
}
