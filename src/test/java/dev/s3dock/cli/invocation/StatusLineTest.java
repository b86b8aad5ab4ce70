package dev.s3dock.cli.invocation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.testing.Eventually;
import dev.s3dock.testing.Terminal;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class StatusLineTest {
  private static final List<String> FORMS =
      List.of("a long text about everything", "a short text", "text");

  private final ByteArrayOutputStream terminal = new ByteArrayOutputStream();
  private final AtomicInteger columns = new AtomicInteger(80);
  private final StatusLine line = new StatusLine(terminal, columns::get);

  private String written() {
    return terminal.toString(StandardCharsets.UTF_8);
  }

  private void awaitText(String text) {
    Eventually.holds(text, () -> written().contains(text));
  }

  @Test
  void the_most_words_that_fit_are_drawn_also_after_the_window_was_resized() {
    line.add(() -> FORMS);
    awaitText("a long text about everything");
    columns.set(20);
    awaitText("a short text");
    columns.set(6);
    awaitText("\u001b[Ktext");
    columns.set(4);
    awaitText("\u001b[Kte…");
    columns.set(80);
    terminal.reset();
    awaitText("a long text about everything");
    line.clear();
    assertThat(Terminal.lines(written())).allMatch(text -> text.length() <= 80);
  }

  @Test
  void several_things_that_go_on_share_the_line() {
    line.add(() -> List.of("pack 10%"));
    line.add(() -> List.of("upload 20%"));
    awaitText("pack 10% | upload 20%");
    line.clear();
  }

  @Test
  void what_is_printed_stands_above_and_the_line_is_gone_in_the_end() {
    PrintStream out = new PrintStream(line.above(terminal), true, StandardCharsets.UTF_8);
    StatusLine.Part part = () -> List.of("working");
    line.add(part);
    awaitText("working");
    out.println("a note");
    Eventually.holds(
        "drawn again", () -> written().indexOf("working", written().indexOf("a note")) > 0);
    line.remove(part);
    assertThat(written()).contains("working\r\u001b[Ka note\n").endsWith("working\r\u001b[K");
  }

  @Test
  void a_terminal_that_is_gone_does_not_end_the_work() {
    AtomicInteger tries = new AtomicInteger();
    OutputStream gone =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            tries.incrementAndGet();
            throw new IOException("Input/output error");
          }
        };
    StatusLine lost = new StatusLine(gone, () -> 80);
    StatusLine.Part part = () -> List.of("working");
    lost.add(part);
    Eventually.holds("it is drawn", () -> tries.get() > 0);
    lost.add(part);
    lost.remove(part);
    lost.clear();
    assertThat(tries).hasPositiveValue();
  }

  @Test
  void half_a_line_of_somebody_else_is_not_overwritten() {
    PrintStream out = new PrintStream(line.above(terminal), true, StandardCharsets.UTF_8);
    AtomicInteger asked = new AtomicInteger();
    out.print("half a ");
    line.add(
        () -> {
          asked.incrementAndGet();
          return List.of("working");
        });
    out.println("line");
    awaitText("working");
    line.clear();
    assertThat(written()).startsWith("half a line\n");
  }
}
