package dev.s3dock.transfer.pull;

import dev.s3dock.engine.Engine;
import dev.s3dock.transfer.CountedStep;
import dev.s3dock.transfer.TransferProgress;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/** Remembers why a read failed, since an engine's client may only say that it did. */
final class WatchedStream extends FilterInputStream {
  private final CountedStep load;
  private final Runnable atEnd;
  private @Nullable Exception failure;

  /**
   * Shows as a step what the engine does once all is read.
   *
   * @param bytes about how many it has to load then; 0 if that is not known
   * @param atEnd what is to be done when all is read; may be done again
   */
  WatchedStream(InputStream in, TransferProgress progress, long bytes, Runnable atEnd) {
    super(in);
    this.load = new CountedStep(progress, "load", bytes);
    this.atEnd = atEnd;
  }

  /** Loads what is read here; a failed read is reported as it was, not as the engine saw it. */
  void load(Engine engine) throws IOException {
    try (load) {
      engine.load(this, load);
    } catch (RuntimeException e) {
      Exception first = failure;
      if (first instanceof IOException cause) {
        throw cause;
      }
      throw first instanceof RuntimeException cause ? cause : e;
    }
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    try {
      int count = in.read(buffer, offset, length);
      if (count < 0) {
        atEnd.run();
        load.begin();
      }
      return count;
    } catch (IOException | RuntimeException e) {
      failure = e;
      throw e;
    }
  }
}
