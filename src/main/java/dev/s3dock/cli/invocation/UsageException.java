package dev.s3dock.cli.invocation;

import java.nio.file.Path;
import java.util.Optional;

/** The command cannot be understood as it was given; exit code 2. */
public final class UsageException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public UsageException(String message) {
    super(message);
  }

  /**
   * The error where no bucket is named.
   *
   * @param file the configuration, which names none either; empty if there is none
   */
  public static UsageException noBucket(Optional<Path> file, String profile) {
    return new UsageException(
        "no bucket is set: use --bucket, S3DOCK_BUCKET, or "
            + file.map(path -> "set bucket of the profile %s in %s".formatted(profile, path))
                .orElse("a profile (s3dock config init)"));
  }

  public static UsageException malformedFolder(String bucket) {
    return new UsageException(
        "'%s' is not the address of a folder: use file:// and an absolute path, such as file:///srv/s3dock"
            .formatted(bucket));
  }
}
