package dev.s3dock.cli.render;

import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.cli.invocation.Display;
import dev.s3dock.cli.invocation.ProcessContext;
import dev.s3dock.cli.invocation.Screen;
import dev.s3dock.cli.invocation.TextWidth;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TableTest {
  private static final List<TableColumn> COLUMNS =
      List.of(
          new TableColumn("IMAGE", 0, false),
          new TableColumn("HOST", 2, false),
          new TableColumn("BY", 1, false),
          new TableColumn("WHY", 0, true));
  private static final String IMAGE = "my-app:20250721-2118-f7a5a27";
  private static final String WHY =
      "its health check failed because of 日本語 in the answer, which is told in many words";

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  private List<String> printed(int columns, String... cells) {
    Screen screen =
        new Screen() {
          @Override
          public boolean isTerminal() {
            return true;
          }

          @Override
          public int columns() {
            return columns;
          }
        };
    ProcessContext process =
        new ProcessContext(
            Map.of(),
            Path.of(""),
            Path.of(""),
            Clock.systemUTC(),
            InputStream.nullInputStream(),
            Screen.NONE,
            new Display(out, screen, OutputStream.nullOutputStream(), Screen.NONE, Map.of()));
    Table table = new Table(process, COLUMNS);
    table.row(Arrays.stream(cells).map(text -> new Table.Cell(text, Paint.NONE)).toList());
    table.end();
    return out.toString(StandardCharsets.UTF_8).lines().toList();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5, 8, 20, 40, 41, 60, 79, 80, 100, 300})
  void no_line_is_wider_than_the_window(int columns) {
    assertThat(printed(columns, IMAGE, "a-host-with-a-long-name", "somebody", WHY))
        .isNotEmpty()
        .allSatisfy(line -> assertThat(TextWidth.of(line)).isLessThanOrEqualTo(columns));
  }

  @Test
  void where_there_is_room_everything_is_in_one_line() {
    assertThat(printed(200, IMAGE, "web-1", "alice", WHY))
        .containsExactly(
            "IMAGE                          HOST    BY      WHY",
            IMAGE + "   web-1   alice   " + WHY);
  }

  @Test
  void columns_of_a_higher_rank_go_first_and_text_goes_on_in_the_next_line() {
    List<String> lines = printed(70, IMAGE, "a-host-with-a-long-name", "alice", WHY);
    assertThat(lines.getFirst()).isEqualTo("IMAGE                          BY      WHY");
    assertThat(lines).hasSizeGreaterThan(3);
    assertThat(lines.get(1)).startsWith(IMAGE + "   alice   its health");
    assertThat(String.join(" ", lines).replaceAll(" +", " ")).contains("in many words");
  }

  @Test
  void words_are_cut_only_where_nothing_else_helps() {
    assertThat(printed(40, IMAGE, "web-1", "alice", "gone"))
        .containsExactly("IMAGE                          WHY", IMAGE + "   gone");
    out.reset();
    assertThat(printed(20, IMAGE, "web-1", "alice", "gone").getLast())
        .matches("my-app:20.*…   gone");
  }

  @ParameterizedTest
  @CsvSource({
    "abc, 3",
    "日本, 4",
    "e\u0301, 1",
    "ok \u2705, 5",
    "\uD83D\uDE80 up, 5",
    "\u1112\u1161\u11ab, 2",
    "שלום, 4"
  })
  void a_text_is_as_wide_as_terminals_draw_it(String text, int columns) {
    assertThat(TextWidth.of(text)).isEqualTo(columns);
  }

  @Test
  void a_reference_in_a_text_is_not_broken_while_another_column_can_go() {
    List<String> lines =
        printed(70, "my-app", "a-host", "somebody", "production is now at " + IMAGE + ", at last");
    assertThat(lines).anyMatch(line -> line.contains(IMAGE));
  }
}
