package dev.s3dock.cli.invocation;

/** An examination has found that the job cannot be done; the findings are printed already. */
public final class DiagnosisException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final RuntimeException reason;

  /**
   * Reports all failed checks with one message.
   *
   * @param reason of the first failure, which decides the exit code
   */
  public DiagnosisException(String message, RuntimeException reason) {
    super(message, reason);
    this.reason = reason;
  }

  public RuntimeException reason() {
    return reason;
  }
}
