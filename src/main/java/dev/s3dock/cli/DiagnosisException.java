package dev.s3dock.cli;

/** An examination has found that the job cannot be done; the findings are printed already. */
final class DiagnosisException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final RuntimeException reason;

  /**
   * Creates the exception.
   *
   * @param reason of the first failure, which decides the exit code
   */
  DiagnosisException(String message, RuntimeException reason) {
    super(message, reason);
    this.reason = reason;
  }

  RuntimeException reason() {
    return reason;
  }
}
