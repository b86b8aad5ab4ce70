package dev.s3dock.image;

/** A text that is not what it should name; the message shows the text and the form it must have. */
public final class InvalidNameException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception with a message for the user. */
  public InvalidNameException(String message) {
    super(message);
  }
}
