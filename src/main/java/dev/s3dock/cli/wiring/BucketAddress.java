package dev.s3dock.cli.wiring;

import dev.s3dock.cli.invocation.UsageException;
import dev.s3dock.image.Printable;

/** The name of a bucket, as users give it: {@code my-images} or {@code s3://my-images}. */
final class BucketAddress {
  private static final String SCHEME = "s3://";

  private BucketAddress() {}

  /**
   * The bucket's name alone.
   *
   * @throws UsageException if there is more than that, such as a path, or another scheme
   */
  static String name(String address) {
    String name = address.startsWith(SCHEME) ? address.substring(SCHEME.length()) : address;
    name = name.endsWith("/") ? name.substring(0, name.length() - 1) : name;
    boolean accessPoint = name.startsWith("arn:"); // its name has a slash
    if (name.contains("://")) {
      throw new UsageException(
          "'%s' is not a bucket: give its name, such as s3://my-images, and set the store's URL with AWS_ENDPOINT_URL or endpoint in the profile"
              .formatted(Printable.address(address)));
    }
    int slash = name.indexOf('/');
    if (slash >= 0 && !accessPoint) {
      throw new UsageException(
          "'%s' names a folder in a bucket, and s3dock uses whole buckets: use s3://%s, or another bucket"
              .formatted(Printable.of(address), Printable.of(name.substring(0, slash))));
    }
    return name;
  }
}
