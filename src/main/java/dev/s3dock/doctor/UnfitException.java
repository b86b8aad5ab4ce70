package dev.s3dock.doctor;

/** Something on this machine keeps it from its job. The message says what, and the remedy. */
final class UnfitException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception with a message for the user. */
  public UnfitException(String message) {
    super(message);
  }
}
