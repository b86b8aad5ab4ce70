package dev.s3dock.cli;

/** A failure that the JSON on stdout tells already; only its exit code is left to give. */
final class ReportedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final RuntimeException reason;

  ReportedException(RuntimeException reason) {
    super(reason);
    this.reason = reason;
  }

  RuntimeException reason() {
    return reason;
  }
}
