package dev.s3dock.deploy.service;

import org.jspecify.annotations.Nullable;

/** A deployment did not do what it was asked to. The message says what serves now, and a remedy. */
public final class DeployException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Kind kind;

  /** What went wrong. */
  public enum Kind {
    /** A step failed, for a reason that may pass; what served before serves. */
    FAILED,
    /**
     * The new container is not fit; what served before serves, and another try would be no better.
     */
    UNFIT,
    /** Another deployment of the same app and environment holds the lock. */
    LOCKED,
    /** Somebody else has moved the environment, so that it is not what was asked for. */
    OVERTAKEN,
    /** The settings do not go with what is there. */
    SETTINGS
  }

  public DeployException(Kind kind, String message) {
    this(kind, message, null);
  }

  public DeployException(Kind kind, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  public Kind kind() {
    return kind;
  }
}
