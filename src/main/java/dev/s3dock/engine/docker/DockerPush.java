package dev.s3dock.engine.docker;

import dev.s3dock.engine.EngineException;
import dev.s3dock.engine.EnginePush;
import dev.s3dock.engine.docker.api.DockerApi;
import dev.s3dock.engine.docker.api.DockerErrors;
import dev.s3dock.engine.docker.api.ProgressStream;
import dev.s3dock.engine.docker.api.Query;
import dev.s3dock.engine.docker.api.ResponseStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Map;
import java.util.Optional;

/** A push by Docker's API, whose answer is as long as the push takes. */
final class DockerPush implements EnginePush {
  /** An empty object in Base64: the engine wants the header, and no login is for its registry. */
  static final Map<String, String> NO_LOGIN = Map.of("X-Registry-Auth", "e30=");

  private final DockerApi api;
  private final ResponseStream response;
  private volatile boolean closed;

  private DockerPush(DockerApi api, ResponseStream response) {
    this.api = api;
    this.response = response;
  }

  static DockerPush begin(DockerApi api, String reference) {
    int colon = reference.lastIndexOf(':');
    String path =
        new Query(Query.path("/images/", reference.substring(0, colon), "/push"))
            .with("tag", reference.substring(colon + 1))
            .toString();
    String what = "cannot push " + reference;
    return new DockerPush(api, new ResponseStream(api.open("POST", path, null, what, NO_LOGIN)));
  }

  @Override
  public Optional<String> await() throws EngineException {
    try {
      return ProgressStream.follow(response, OutputStream.nullOutputStream());
    } catch (IOException e) {
      if (closed) {
        return Optional.of("the push was ended");
      }
      throw DockerErrors.connection(e, api.address());
    }
  }

  @Override
  public void close() {
    closed = true;
    try {
      response.close();
    } catch (IOException e) {
      // the connection is gone, which ends the push as well
    }
  }
}
