package dev.s3dock.cli.invocation;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The last line of a terminal, which says what is going on. It is drawn again a few times a second,
 * never wider than the window is at that moment, and taken away while something is printed above
 * it. A terminal that is gone ends the line and nothing else. Safe for use by several threads.
 */
public final class StatusLine {
  private static final Duration BETWEEN = Duration.ofMillis(200);

  /** To the start of the line, and clear it; ECMA-48, which every terminal but a dumb one knows. */
  private static final String ERASE = "\r\u001b[K";

  private static final String BETWEEN_PARTS = " | ";

  private final OutputStream terminal;
  private final IntSupplier columns;
  private final List<Part> parts = new ArrayList<>();
  private @Nullable Thread drawing;
  private boolean shown;
  private boolean atStart = true;

  /** Something that goes on. */
  public interface Part {
    /** What there is to say of it now, in fewer and fewer words. */
    List<String> forms();
  }

  /**
   * A line that nothing is on.
   *
   * @param columns of the window at the moment
   */
  public StatusLine(OutputStream terminal, IntSupplier columns) {
    this.terminal = terminal;
    this.columns = columns;
  }

  /** From now on the line tells of this, too. */
  public synchronized void add(Part part) {
    parts.add(part);
    if (drawing == null) {
      drawing = Thread.ofPlatform().daemon().name("status-line").start(this::keepDrawing);
    }
  }

  /** This is over. */
  public synchronized void remove(Part part) {
    parts.remove(part);
    if (parts.isEmpty()) {
      erase();
    }
  }

  /** All is over. */
  public synchronized void clear() {
    parts.clear();
    erase();
  }

  /** A stream to the same terminal, whose text appears above the line. */
  public OutputStream above(OutputStream out) {
    return new Above(out);
  }

  private void keepDrawing() {
    try {
      do {
        Thread.sleep(BETWEEN); // first, so that what takes no time does not flash up
      } while (draw());
    } catch (InterruptedException e) {
      // it ends with the process
    }
  }

  /** False if there is nothing more to draw. */
  private synchronized boolean draw() {
    if (parts.isEmpty()) {
      drawing = null;
      return false;
    }
    if (atStart) {
      write(ERASE + text(columns.getAsInt() - 1)); // a full line would go on in the next one
      shown = true;
    }
    return true;
  }

  /** The most words that fit. */
  private String text(int most) {
    List<List<String>> forms = parts.stream().map(Part::forms).toList();
    int shortest = forms.stream().mapToInt(List::size).max().orElse(1) - 1;
    String text = "";
    for (int i = 0; i <= shortest; i++) {
      int wanted = i;
      text =
          forms.stream()
              .map(each -> each.get(Math.min(wanted, each.size() - 1)))
              .collect(Collectors.joining(BETWEEN_PARTS));
      if (TextWidth.of(text) <= most) {
        return text;
      }
    }
    return TextWidth.cut(text, most);
  }

  private void erase() {
    if (shown) {
      write(ERASE);
      shown = false;
    }
  }

  private void write(String text) {
    try {
      terminal.write(text.getBytes(UTF_8));
      terminal.flush();
    } catch (IOException e) {
      parts.clear(); // nobody sees it any more, and the work goes on
    }
  }

  private final class Above extends FilterOutputStream {
    Above(OutputStream out) {
      super(out);
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      synchronized (StatusLine.this) {
        erase();
        out.write(bytes, offset, length);
        if (length > 0) {
          atStart = bytes[offset + length - 1] == '\n';
        }
      }
    }
  }
}
