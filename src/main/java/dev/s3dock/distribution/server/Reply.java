package dev.s3dock.distribution.server;

import dev.s3dock.distribution.BlobContent;
import dev.s3dock.distribution.ErrorCode;
import dev.s3dock.distribution.RefusedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.thread.Scheduler;

/** The answer to one request; its writes return when the client has taken the bytes. */
final class Reply {
  static final String JSON = "application/json";
  static final int RETRY_SECONDS = 5;
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);
  private static final String TOO_LITTLE = "the client takes too little";

  private final Request request;
  private final Response response;
  private final Duration patience;
  private final boolean head;

  /**
   * Answers a request.
   *
   * @param patience for a client that takes a block of a layer; then its connection is cut
   */
  Reply(Request request, Response response, Duration patience) {
    this.request = request;
    this.response = response;
    this.patience = patience;
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
    content.send(this::writeInTime);
    Content.Sink.write(response, true, NOTHING);
  }

  /**
   * The server's own limit is on the time in which nothing moves: a client that takes a byte now
   * and then would keep its connection and its temporary file for months.
   */
  private void writeInTime(ByteBuffer block) throws IOException {
    Scheduler.Task cut =
        request
            .getComponents()
            .getScheduler()
            .schedule(this::cut, patience.toMillis(), TimeUnit.MILLISECONDS);
    try {
      Content.Sink.write(response, false, block);
    } catch (IOException e) {
      // the server's own limit may be reached in the same moment
      throw isTimeout(e) ? new IOException(TOO_LITTLE, e) : e;
    } finally {
      cut.cancel();
    }
  }

  private static boolean isTimeout(Throwable e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof TimeoutException) {
        return true;
      }
    }
    return false;
  }

  private void cut() {
    request
        .getConnectionMetaData()
        .getConnection()
        .getEndPoint()
        .close(new TimeoutException(TOO_LITTLE));
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
