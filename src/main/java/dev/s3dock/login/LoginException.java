package dev.s3dock.login;

/** What {@code docker login} has kept cannot be read. The message names the file and the remedy. */
public final class LoginException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  LoginException(String message) {
    super(message);
  }
}
