package dev.s3dock.engine.docker.build;

import dev.s3dock.engine.BuildRequest;
import dev.s3dock.engine.ByteProgress;
import java.io.OutputStream;

/** A way to have the engine build; the image gets the request's reference. */
public interface ImageBuilder {
  /**
   * @throws dev.s3dock.engine.EngineException {@code BUILD_FAILED} with the engine's own error
   */
  void build(BuildRequest request, OutputStream output, ByteProgress sent);
}
