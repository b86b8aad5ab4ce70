package dev.s3dock.distribution.server;

import dev.s3dock.distribution.ErrorCode;
import dev.s3dock.distribution.RefusedException;
import java.nio.ByteBuffer;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;

/** What Jetty itself refuses, in the words of the protocol. */
final class JsonErrors extends ErrorHandler {
  @Override
  public boolean handle(Request request, Response response, Callback callback) {
    int status = response.getStatus();
    byte[] body = body(status);
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, Reply.JSON);
    response.getHeaders().put(HttpHeader.CONTENT_LENGTH, body.length);
    if (status == ErrorCode.UNAVAILABLE.status()) {
      response.getHeaders().put(HttpHeader.RETRY_AFTER, Reply.RETRY_SECONDS);
    }
    boolean head = "HEAD".equals(request.getMethod());
    response.write(true, head ? ByteBuffer.allocate(0) : ByteBuffer.wrap(body), callback);
    return true;
  }

  private static byte[] body(int status) {
    return status == ErrorCode.UNAVAILABLE.status()
        ? RefusedException.json(ErrorCode.UNAVAILABLE, "the server is stopping")
        : status != ErrorCode.UNKNOWN.status()
            ? RefusedException.json(
                ErrorCode.BAD_REQUEST, "this is no request of HTTP/1.1 that s3dock answers")
            : RefusedException.json(ErrorCode.UNKNOWN, "the server failed");
  }
}
