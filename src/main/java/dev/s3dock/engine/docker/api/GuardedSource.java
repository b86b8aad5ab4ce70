package dev.s3dock.engine.docker.api;

import dev.s3dock.engine.EngineException;
import dev.s3dock.engine.EngineException.Kind;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/**
 * What is sent to the engine. Remembers its own failure, so that it is told from the engine's; and
 * is not closed by the transport, because it belongs to the caller.
 */
final class GuardedSource extends FilterInputStream {
  private volatile @Nullable IOException failure;

  GuardedSource(InputStream source) {
    super(source);
  }

  @Override
  public int read() throws IOException {
    try {
      return super.read();
    } catch (IOException e) {
      failure = e;
      throw e;
    }
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    try {
      return super.read(target, offset, length);
    } catch (IOException e) {
      failure = e;
      throw e;
    }
  }

  @Override
  public void close() {}

  /** True if it could not be read, so that sending stopped for no fault of the engine's. */
  boolean hasFailed() {
    return failure != null;
  }

  /** Why sending failed. */
  RuntimeException explain(Exception sending, String what, DockerAddress address) {
    IOException own = failure;
    if (own != null) {
      return new UncheckedIOException(own);
    }
    String message = DockerErrors.rootMessage(sending);
    if (message.contains("Broken pipe") || message.contains("reset")) {
      return new EngineException(
          Kind.FAILED,
          "%s: the engine at %s stopped reading (%s); its log says why, and a full disk is a common reason"
              .formatted(what, address, message),
          sending);
    }
    return DockerErrors.connection(sending, address);
  }
}
