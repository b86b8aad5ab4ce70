package dev.s3dock.transfer;

/** A transfer cannot be done, or must not be. The message names the object and the remedy. */
public final class TransferException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What kind of no. */
  public enum Kind {
    /** The image is not there, or not for this platform. */
    NOT_FOUND,
    /** A rule forbids it: the repository has changes that no commit holds. */
    REFUSED,
    /** The archive was replaced again and again while it was read. */
    CHANGED,
    /** Bytes are not what they must be; nothing was trusted. */
    INTEGRITY
  }

  private final Kind kind;

  public TransferException(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  public TransferException(Kind kind, String message, Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  public Kind kind() {
    return kind;
  }
}
