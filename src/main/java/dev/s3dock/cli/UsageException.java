package dev.s3dock.cli;

/** The command cannot be understood as it was given; exit code 2. */
final class UsageException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  UsageException(String message) {
    super(message);
  }

  static UsageException noBucket() {
    return new UsageException(
        "no bucket is named: use --bucket, S3DOCK_BUCKET, or a profile (s3dock config init)");
  }

  static UsageException malformedFolder(String bucket) {
    return new UsageException(
        "'%s' is no folder: use file:// and an absolute path, such as file:///srv/s3dock"
            .formatted(bucket));
  }
}
