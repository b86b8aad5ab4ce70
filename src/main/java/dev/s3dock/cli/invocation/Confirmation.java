package dev.s3dock.cli.invocation;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;

/** Asks a person whether something is to be done, where there is one. */
public final class Confirmation {
  private static final int LONGEST = 100;

  private final GlobalOptions options;

  public Confirmation(GlobalOptions options) {
    this.options = options;
  }

  /** What became of a question. */
  public enum Answer {
    YES,
    NO,
    /** There is nobody to answer: no terminal, or {@code --json}. */
    NOBODY
  }

  /**
   * Asks on standard error, and reads a line from standard input.
   *
   * @param question such as {@code Move it?}
   */
  public Answer ask(String question) {
    ProcessContext process = options.process();
    if (!process.keyboard().isTerminal() || options.json) {
      return Answer.NOBODY;
    }
    process.err().print(question + " [y/N] ");
    process.err().flush();
    try {
      String answer = line(process.in()).strip().toLowerCase(Locale.ROOT);
      return Set.of("y", "yes").contains(answer) ? Answer.YES : Answer.NO;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String line(InputStream in) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int next = in.read(); next >= 0 && next != '\n'; next = in.read()) {
      if (line.size() < LONGEST) {
        line.write(next);
      }
    }
    return line.toString(StandardCharsets.UTF_8);
  }
}
