package dev.s3dock.engine;

import java.util.Optional;

/** A push that an engine is making. */
public interface EnginePush extends AutoCloseable {
  /**
   * Waits for the end.
   *
   * @return what the engine says went wrong; empty if nothing did
   * @throws EngineException {@code UNAVAILABLE} if the connection to the engine is lost
   */
  Optional<String> await();

  /** Ends it, wherever it is; may be called by another thread than the one that waits. */
  @Override
  void close();
}
