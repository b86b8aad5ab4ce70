package dev.s3dock.engine.docker;

import dev.s3dock.engine.EngineException.Kind;
import dev.s3dock.engine.PullWatch;
import dev.s3dock.engine.docker.api.DockerApi;
import dev.s3dock.engine.docker.api.DockerErrors;
import dev.s3dock.engine.docker.api.ProgressStream;
import dev.s3dock.engine.docker.api.Query;
import dev.s3dock.engine.docker.api.ResponseStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** A pull by Docker's API. */
final class DockerPull implements ProgressStream.Counts {
  private static final String PRESENT = "Already exists";
  private static final String UNPACKING = "Extracting";

  private final PullWatch watch;
  private final Map<String, Long> unpacked = new HashMap<>();
  private String state = "";

  private DockerPull(PullWatch watch) {
    this.watch = watch;
  }

  /**
   * Pulls.
   *
   * @param platform as the API has it; empty for the engine's own
   */
  static void run(DockerApi api, String reference, Optional<String> platform, PullWatch watch) {
    int at = reference.indexOf('@');
    Query query =
        new Query("/images/create")
            .with("fromImage", reference.substring(0, at))
            .with("tag", reference.substring(at + 1));
    platform.ifPresent(of -> query.with("platform", of));
    String what = "the engine could not pull";
    try (ResponseStream answer =
        new ResponseStream(api.open("POST", query.toString(), null, what, DockerPush.NO_LOGIN))) {
      Optional<String> error =
          ProgressStream.follow(answer, OutputStream.nullOutputStream(), new DockerPull(watch));
      if (error.isPresent()) {
        throw DockerErrors.ofMessage(Kind.FAILED, what, error.get());
      }
    } catch (IOException e) {
      throw DockerErrors.connection(e, api.address());
    }
  }

  @Override
  public void now(String layer, String now) {
    state = now;
    if (now.equals(PRESENT)) {
      watch.present(layer);
    }
  }

  @Override
  public void counted(String layer, long bytes, long total) {
    if (state.equals(UNPACKING)) {
      unpacked.put(layer, bytes);
      watch.unpacked(unpacked.values().stream().mapToLong(Long::longValue).sum());
    }
  }
}
