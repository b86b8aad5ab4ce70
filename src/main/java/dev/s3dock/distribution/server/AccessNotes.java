package dev.s3dock.distribution.server;

import dev.s3dock.distribution.server.DistributionServer.Parts;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.RequestLog;
import org.eclipse.jetty.server.Response;

/** Tells of each request, also of those that are no HTTP. */
final class AccessNotes implements RequestLog {
  /** Attributes of a request, which its handler sets. */
  static final String USER = "dev.s3dock.user";

  static final String ENDPOINT = "dev.s3dock.endpoint";
  static final String PROBLEM = "dev.s3dock.problem";

  /** What Jetty calls the method of a request that it could not read. */
  private static final String NO_HTTP = "BAD";

  private final Parts parts;

  AccessNotes(Parts parts) {
    this.parts = parts;
  }

  @Override
  public void log(Request request, Response response) {
    long bytes = Math.max(0, Response.getContentBytesWritten(response));
    boolean isHttp = !NO_HTTP.equals(request.getMethod());
    boolean whole = !isHttp || response.isCompletedSuccessfully();
    Duration took = Duration.ofNanos(Math.max(0, System.nanoTime() - request.getBeginNanoTime()));
    Instant now = parts.clock().instant();
    int status = response.getStatus();
    parts.metrics().answered(attribute(request, ENDPOINT, "none"), status, bytes, whole);
    parts
        .log()
        .answered(
            new AccessRecord(
                now.minus(took),
                Objects.requireNonNullElse(Request.getRemoteAddr(request), ""),
                attribute(request, USER, ""),
                isHttp ? Objects.requireNonNullElse(request.getMethod(), "") : "",
                isHttp ? target(request) : "",
                status,
                bytes,
                whole,
                took,
                Objects.requireNonNullElse(request.getHeaders().get(HttpHeader.USER_AGENT), ""),
                attribute(request, PROBLEM, "")));
  }

  private static String target(Request request) {
    String target = request.getHttpURI() == null ? null : request.getHttpURI().getPathQuery();
    return target == null ? "" : target;
  }

  private static String attribute(Request request, String name, String otherwise) {
    return request.getAttribute(name) instanceof String text ? text : otherwise;
  }
}
