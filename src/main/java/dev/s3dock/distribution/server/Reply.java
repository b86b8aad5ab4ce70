package dev.s3dock.distribution.server;

import dev.s3dock.distribution.BlobContent;
import dev.s3dock.distribution.ErrorCode;
import dev.s3dock.distribution.RefusedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;

/** The answer to one request; its writes return when the client has taken the bytes. */
final class Reply {
  static final String JSON = "application/json";
  static final int RETRY_SECONDS = 5;
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  private final Response response;
  private final boolean head;

  Reply(Request request, Response response) {
    this.response = response;
    this.head = request.getMethod().equals("HEAD");
  }

  Reply with(HttpHeader header, String value) {
    response.getHeaders().put(header, value);
    return this;
  }

  Reply with(String header, String value) {
    response.getHeaders().put(header, value);
    return this;
  }

  /** True if the client wants to know only what the answer would be. */
  boolean isHead() {
    return head;
  }

  void empty(int status) throws IOException {
    response.setStatus(status);
    Content.Sink.write(response, true, NOTHING);
  }

  /** A body of this length, without the body. */
  void head(int status, long length) throws IOException {
    response.getHeaders().put(HttpHeader.CONTENT_LENGTH, length);
    empty(status);
  }

  void body(int status, String contentType, byte[] bytes) throws IOException {
    with(HttpHeader.CONTENT_TYPE, contentType);
    if (head) {
      head(status, bytes.length);
      return;
    }
    response.getHeaders().put(HttpHeader.CONTENT_LENGTH, bytes.length);
    response.setStatus(status);
    Content.Sink.write(response, true, ByteBuffer.wrap(bytes));
  }

  void body(int status, BlobContent content) throws IOException {
    response.getHeaders().put(HttpHeader.CONTENT_LENGTH, content.size());
    response.setStatus(status);
    content.send(bytes -> Content.Sink.write(response, false, bytes));
    Content.Sink.write(response, true, NOTHING);
  }

  /** An error, unless the answer has begun: then its connection has to be cut. */
  void error(RefusedException e) throws IOException {
    response.reset();
    switch (e.code()) {
      case UNAVAILABLE -> with(HttpHeader.RETRY_AFTER, Integer.toString(RETRY_SECONDS));
      case UNAUTHORIZED -> with(HttpHeader.WWW_AUTHENTICATE, "Basic realm=\"s3dock\"");
      case UNSUPPORTED -> with(HttpHeader.ALLOW, "GET, HEAD");
      default -> {}
    }
    body(e.code().status(), JSON, e.json());
  }

  boolean hasBegun() {
    return response.isCommitted();
  }

  /** Says that there are no such bytes. */
  void unsatisfiable(long size) throws IOException {
    with(HttpHeader.CONTENT_RANGE, "bytes */" + size);
    body(
        ErrorCode.RANGE_INVALID.status(),
        JSON,
        RefusedException.json(ErrorCode.RANGE_INVALID, "there are only " + size + " bytes"));
  }
}
