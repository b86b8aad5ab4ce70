package dev.s3dock.distribution.client;

/** A registry does not do what it is asked for. The message names registry and repository. */
public final class DistributionException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What kind of failure. */
  public enum Kind {
    /** No such repository, tag or blob. */
    NOT_FOUND,
    /** Not without other credentials. */
    DENIED,
    /** No connection, an overload, or a connection that breaks again and again. */
    UNAVAILABLE,
    /** It sent other bytes than their digest says, or found that of what was sent. */
    INTEGRITY,
    /** Any other answer. */
    FAILED
  }

  private final Kind kind;

  DistributionException(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  DistributionException(Kind kind, String message, Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  public Kind kind() {
    return kind;
  }
}
