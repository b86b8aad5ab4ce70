package dev.s3dock.cli.invocation;

/** A failure that the JSON on stdout tells already; only its exit code is left to give. */
public final class ReportedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final RuntimeException reason;

  public ReportedException(RuntimeException reason) {
    super(reason);
    this.reason = reason;
  }

  public RuntimeException reason() {
    return reason;
  }
}
