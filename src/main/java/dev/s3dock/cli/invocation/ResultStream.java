package dev.s3dock.cli.invocation;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Remembers why it could not be written: a {@link java.io.PrintStream} tells only that. */
final class ResultStream extends FilterOutputStream {
  private volatile @Nullable IOException failure;

  ResultStream(OutputStream out) {
    super(out);
  }

  @Override
  public void write(int value) throws IOException {
    write(new byte[] {(byte) value}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    try {
      out.write(bytes, offset, length);
    } catch (IOException e) {
      failure = e;
      throw e;
    }
  }

  /** What the last write that failed said; empty if all was taken. */
  Optional<IOException> failure() {
    return Optional.ofNullable(failure);
  }
}
