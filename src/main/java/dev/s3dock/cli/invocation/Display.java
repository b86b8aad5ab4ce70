package dev.s3dock.cli.invocation;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.Map;
import java.util.Optional;

/**
 * Where a command's words go, and who is there to see them. Whether stdout is a terminal decides
 * what tables look like; whether stderr is one, what progress looks like. Stdin decides neither.
 */
public final class Display {
  /** Where a terminal does not tell: a serial line, for example. */
  private static final int USUAL_COLUMNS = 80;

  private final PrintStream out;
  private final ResultStream results;
  private final PrintStream err;
  private final Screen outScreen;
  private final Screen errScreen;
  private final Map<String, String> environment;
  private final Optional<StatusLine> statusLine;
  private final ColorChoice color;

  private Display(Display other, ColorChoice color) {
    this.out = other.out;
    this.results = other.results;
    this.err = other.err;
    this.outScreen = other.outScreen;
    this.errScreen = other.errScreen;
    this.environment = other.environment;
    this.statusLine = other.statusLine;
    this.color = color;
  }

  /** Streams, and what each leads to. */
  public Display(
      OutputStream out,
      Screen outScreen,
      OutputStream err,
      Screen errScreen,
      Map<String, String> environment) {
    this.outScreen = outScreen;
    this.errScreen = errScreen;
    this.environment = environment;
    this.color = ColorChoice.AUTO;
    this.statusLine =
        errScreen.isTerminal() && !isDumb()
            ? Optional.of(new StatusLine(err, () -> columns(errScreen)))
            : Optional.empty();
    this.results = new ResultStream(out);
    this.out = stream(outScreen.isTerminal() ? aboveStatus(results) : results);
    this.err = stream(aboveStatus(err));
  }

  private OutputStream aboveStatus(OutputStream stream) {
    return statusLine.map(line -> line.above(stream)).orElse(stream);
  }

  private static PrintStream stream(OutputStream stream) {
    return new PrintStream(stream, true, UTF_8);
  }

  /** The same, as {@code --color} wants it. */
  Display with(ColorChoice choice) {
    return new Display(this, choice);
  }

  PrintStream out() {
    return out;
  }

  PrintStream err() {
    return err;
  }

  /** Why something of the result was lost; a reader that has read enough is no reason. */
  public Optional<IOException> lostResult() {
    out.flush();
    return results.failure().filter(e -> !"Broken pipe".equals(e.getMessage()));
  }

  /** True if somebody sees stdout. */
  public boolean showsTables() {
    return outScreen.isTerminal();
  }

  /** Columns of the terminal that stdout is. */
  public int columns() {
    return columns(outScreen);
  }

  /** The line for progress; empty where stderr is no terminal, or one that cannot erase. */
  public Optional<StatusLine> statusLine() {
    return statusLine;
  }

  /** True if words on stdout may be coloured. */
  public boolean colorsOut() {
    return colors(outScreen);
  }

  /** True if words on stderr may be coloured. */
  public boolean colorsErr() {
    return colors(errScreen);
  }

  private boolean colors(Screen screen) {
    return switch (color) {
      case ALWAYS -> true;
      case NEVER -> false;
      case AUTO -> screen.isTerminal() && !isDumb() && !isSet("NO_COLOR");
    };
  }

  private boolean isDumb() {
    return "dumb".equals(environment.get("TERM"));
  }

  private boolean isSet(String variable) {
    String value = environment.get(variable);
    return value != null && !value.isEmpty();
  }

  /** The window's, or what {@code COLUMNS} says where that does not tell. */
  private int columns(Screen screen) {
    int columns = screen.columns();
    if (columns > 0) {
      return columns;
    }
    String variable = environment.get("COLUMNS");
    return variable != null && variable.matches("[1-9][0-9]{0,3}")
        ? Integer.parseInt(variable)
        : USUAL_COLUMNS;
  }
}
