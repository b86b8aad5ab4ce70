package dev.s3dock.process;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.s3dock.process.Program.PipeReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;

/** What came out of a pipe at first; the rest is read and forgotten. */
final class Beginning implements PipeReader {
  /** Bytes of standard output and of standard error that are kept, each. */
  static final int LIMIT = 1024 * 1024;

  private final StringBuilder text = new StringBuilder();

  /** Nothing, if the reader keeps nothing. */
  static String of(PipeReader reader) {
    return reader instanceof Beginning beginning ? beginning.text() : "";
  }

  @Override
  public boolean read(InputStream pipe) {
    try (var in = new InputStreamReader(pipe, UTF_8)) {
      char[] buffer = new char[8192];
      for (int count; (count = in.read(buffer)) >= 0; ) {
        keep(new String(buffer, 0, count));
      }
    } catch (IOException e) {
      keep("[its output cannot be read: " + e.getMessage() + "]");
    }
    return false;
  }

  private synchronized void keep(String more) {
    text.append(more, 0, Math.min(more.length(), LIMIT - text.length()));
  }

  private synchronized String text() {
    return text.toString();
  }
}
