package dev.s3dock.engine.docker.api;

import com.github.dockerjava.transport.DockerHttpClient.Response;
import java.io.FilterInputStream;
import java.io.IOException;

/**
 * The body of a response, closed together with it. The body's own close would read all that is left
 * of it, so that of the response, which drops the connection, comes first.
 */
public final class ResponseStream extends FilterInputStream {
  private final Response response;

  public ResponseStream(Response response) {
    super(response.getBody());
    this.response = response;
  }

  @Override
  public void close() throws IOException {
    response.close();
  }
}
