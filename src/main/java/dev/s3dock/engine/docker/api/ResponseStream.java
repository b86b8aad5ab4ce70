package dev.s3dock.engine.docker.api;

import dev.s3dock.http.Response;
import java.io.FilterInputStream;
import java.io.IOException;

/**
 * The body of a response, closed together with it. The body's own close would read all that is left
 * of it; that of the response drops the connection.
 */
public final class ResponseStream extends FilterInputStream {
  private final Response response;

  public ResponseStream(Response response) {
    super(response.body());
    this.response = response;
  }

  @Override
  public void close() throws IOException {
    response.close();
  }
}
