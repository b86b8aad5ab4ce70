package dev.s3dock.cli.invocation;

/** The command cannot be understood as it was given; exit code 2. */
public final class UsageException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public UsageException(String message) {
    super(message);
  }

  public static UsageException noBucket() {
    return new UsageException(
        "no bucket is set: use --bucket, S3DOCK_BUCKET, or a profile (s3dock config init)");
  }

  public static UsageException malformedFolder(String bucket) {
    return new UsageException(
        "'%s' is not the address of a folder: use file:// and an absolute path, such as file:///srv/s3dock"
            .formatted(bucket));
  }
}
