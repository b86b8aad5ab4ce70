package dev.s3dock.engine.docker.build;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.s3dock.engine.BuildRequest;
import dev.s3dock.engine.ByteProgress;
import dev.s3dock.engine.EngineException;
import dev.s3dock.engine.EngineException.Kind;
import dev.s3dock.engine.docker.api.DockerApi;
import dev.s3dock.engine.docker.api.DockerErrors;
import dev.s3dock.engine.docker.api.ProgressStream;
import dev.s3dock.engine.docker.api.Query;
import dev.s3dock.http.Response;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Optional;

/** The builder inside the engine, over the API: it needs no docker program. */
public final class ClassicBuilder implements ImageBuilder {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final DockerApi api;
  private final Map<String, String> environment;

  /** The {@code environment} leads to what {@code docker login} has kept. */
  public ClassicBuilder(DockerApi api, Map<String, String> environment) {
    this.api = api;
    this.environment = environment;
  }

  @Override
  public void build(BuildRequest request, OutputStream output, ByteProgress sent) {
    String what = "cannot build " + request.reference();
    try (ContextTar context = new ContextTar(request, sent);
        Response response =
            api.open(
                "POST",
                path(request),
                context,
                what,
                new RegistryCredentials(environment).headers())) {
      Optional<String> error = ProgressStream.follow(response.body(), output);
      if (error.isPresent()) {
        throw DockerErrors.ofMessage(Kind.BUILD_FAILED, what, error.get());
      }
    } catch (EngineException e) {
      throw DockerErrors.as(Kind.BUILD_FAILED, e);
    } catch (UncheckedIOException e) {
      throw new EngineException(
          Kind.BUILD_FAILED,
          "%s: cannot send the files of %s (%s)"
              .formatted(what, request.context(), DockerErrors.rootMessage(e)),
          e);
    } catch (IOException e) {
      throw DockerErrors.connection(e, api.address());
    }
  }

  private static String path(BuildRequest request) {
    Query query =
        new Query("/build")
            .with("t", request.reference())
            .with("dockerfile", ContextFiles.dockerfileName(request))
            .with("rm", "1")
            .with("forcerm", "1")
            .with("nocache", mayUseCache(request) ? "0" : "1")
            .with("buildargs", json(request.buildArgs()))
            .with("labels", json(request.labels()));
    request.target().ifPresent(target -> query.with("target", target));
    request.platform().ifPresent(platform -> query.with("platform", platform.toString()));
    return query.toString();
  }

  /**
   * The classic builder's cache takes no account of the platform where an image is {@code FROM
   * scratch}: it would offer another platform's layers, and then fail over them.
   */
  private static boolean mayUseCache(BuildRequest request) {
    return !request.noCache() && request.platform().isEmpty();
  }

  private static String json(Object value) {
    try {
      return JSON.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a map of strings is JSON", e);
    }
  }
}
