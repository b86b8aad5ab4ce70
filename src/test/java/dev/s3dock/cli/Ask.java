package dev.s3dock.cli;

import dev.s3dock.testing.FaultProxy.Request;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What IAM decides on.
 *
 * @param action such as {@code s3:GetObject}
 * @param resource its ARN
 */
public record Ask(String action, String resource) {
  /** Amazon S3 API reference, "Required permissions for Amazon S3 API operations". */
  public static Stream<Ask> of(Request request) {
    String[] parts = request.target().split("\\?", 2);
    String query = parts.length > 1 ? parts[1] : "";
    String path = URLDecoder.decode(parts[0], StandardCharsets.UTF_8).substring(1);
    String resource = "arn:aws:s3:::" + path;
    if (!path.contains("/")) {
      return Stream.of(
          new Ask(
              query.startsWith("uploads") ? "s3:ListBucketMultipartUploads" : "s3:ListBucket",
              resource));
    }
    return switch (request.method()) {
      case "GET", "HEAD" -> Stream.of(new Ask("s3:GetObject", resource));
      case "POST" -> Stream.of(new Ask("s3:PutObject", resource));
      case "DELETE" ->
          Stream.of(
              new Ask(
                  query.contains("uploadId=") ? "s3:AbortMultipartUpload" : "s3:DeleteObject",
                  resource));
      case "PUT" -> put(request, resource);
      default -> throw new AssertionError("what is " + request + "?");
    };
  }

  /** A condition on the state of an object lets the asker know of that state. */
  private static Stream<Ask> put(Request request, String resource) {
    Stream<String> read =
        Stream.concat(
            request.headers().containsKey("if-match") ? Stream.of(resource) : Stream.of(),
            Optional.ofNullable(request.headers().get("x-amz-copy-source")).stream()
                .map(source -> URLDecoder.decode(source, StandardCharsets.UTF_8))
                .map(source -> "arn:aws:s3:::" + source.replaceAll("^/", "")));
    return Stream.concat(
        Stream.of(new Ask("s3:PutObject", resource)),
        read.map(source -> new Ask("s3:GetObject", source)));
  }
}
