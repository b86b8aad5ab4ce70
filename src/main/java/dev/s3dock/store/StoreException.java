package dev.s3dock.store;

/** A store said no, or could not be asked. The message names the object and the remedy. */
public final class StoreException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What kind of no. */
  public enum Kind {
    /** No object has that key. */
    NOT_FOUND,
    /** The object is not in the state that the precondition names; nothing was written. */
    PRECONDITION_FAILED,
    /** There is no such bucket or folder. */
    NO_BUCKET,
    /** The credentials are missing, wrong or lack the permission. */
    ACCESS_DENIED,
    /** The bucket lives in another region than the configured one. */
    WRONG_REGION,
    /** The store has no room left. */
    NO_SPACE,
    /** The store ignores preconditions, and the command needs them. */
    NO_PRECONDITIONS,
    /** An object is larger than what the command takes of its kind. */
    TOO_LARGE,
    /** The store does not offer this request. */
    UNSUPPORTED,
    /** The store cannot be reached, is overloaded, or failed; a later try may succeed. */
    UNAVAILABLE,
    /** The store's answer makes no sense to s3dock; trying again does not help. */
    FAILED
  }

  private final Kind kind;
  private final boolean throttled;

  /** Creates the exception; {@code message} is for the user. */
  public StoreException(Kind kind, String message) {
    super(message);
    this.kind = kind;
    this.throttled = false;
  }

  /** Creates the exception with what caused it. */
  public StoreException(Kind kind, String message, Throwable cause) {
    this(kind, message, cause, false);
  }

  private StoreException(Kind kind, String message, Throwable cause, boolean throttled) {
    super(message, cause);
    this.kind = kind;
    this.throttled = throttled;
  }

  /** The store is {@link Kind#UNAVAILABLE} because it is asked too much at once. */
  public static StoreException throttled(String message, Throwable cause) {
    return new StoreException(Kind.UNAVAILABLE, message, cause, true);
  }

  /**
   * The same failure of a command that is past the point of no return.
   *
   * @param effect what has taken effect, and what to do about it
   */
  public StoreException after(String effect) {
    return new StoreException(kind, effect + ": " + getMessage(), this, throttled);
  }

  public Kind kind() {
    return kind;
  }

  /** True if the store asks for fewer requests: the same one may succeed later, and more slowly. */
  public boolean throttled() {
    return throttled;
  }

  /** True if the same request may succeed when it is sent again. */
  public boolean retryable() {
    return kind == Kind.UNAVAILABLE;
  }
}
