package dev.s3dock.cli.render;

import dev.s3dock.cli.invocation.ProcessContext;
import dev.s3dock.cli.invocation.TextWidth;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Rows for a terminal, in columns that fit into its window. Rows are printed as they come, a batch
 * at a time, so memory does not grow with their number.
 */
final class Table {
  private static final int BATCH = 500;

  private final ProcessContext process;
  private final List<TableColumn> columns;
  private final List<List<Cell>> batch = new ArrayList<>();
  private int[] widths = {};
  private int[] words = {};

  /** A text of one line, and its colour. */
  record Cell(String text, Paint paint) {}

  Table(ProcessContext process, List<TableColumn> columns) {
    this.process = process;
    this.columns = List.copyOf(columns);
  }

  void row(List<Cell> cells) {
    batch.add(List.copyOf(cells));
    if (batch.size() == BATCH) {
      flush();
    }
  }

  /** Prints what is left. */
  void end() {
    if (!batch.isEmpty()) {
      flush();
    }
  }

  private void flush() {
    if (widths.length == 0) {
      widths = new int[columns.size()];
      words = new int[columns.size()];
      batch.addFirst(columns.stream().map(c -> new Cell(c.header(), Paint.NONE)).toList());
    }
    for (List<Cell> row : batch) {
      for (int i = 0; i < widths.length; i++) {
        String text = row.get(i).text();
        widths[i] = Math.max(widths[i], TextWidth.of(text));
        words[i] = Math.max(words[i], columns.get(i).wraps() ? widestWord(text) : 0);
      }
    }
    TableLayout layout = new TableLayout(columns, widths, words, process.display().columns());
    batch.forEach(row -> print(row, layout));
    batch.clear();
  }

  private static int widestWord(String text) {
    return Stream.of(text.split(" ", -1)).mapToInt(TextWidth::of).max().orElse(0);
  }

  /** A row takes as many lines as its longest text. */
  private void print(List<Cell> row, TableLayout layout) {
    List<List<String>> texts = new ArrayList<>();
    for (int column : layout.shown()) {
      String text = row.get(column).text();
      int width = layout.width(column);
      texts.add(
          columns.get(column).wraps() || layout.shown().size() == 1
              ? lines(text, width)
              : List.of(TextWidth.cut(text, width)));
    }
    int height = texts.stream().mapToInt(List::size).max().orElse(0);
    for (int line = 0; line < height; line++) {
      process.out().println(line(row, texts, line, layout));
    }
  }

  private String line(List<Cell> row, List<List<String>> texts, int line, TableLayout layout) {
    StringBuilder out = new StringBuilder();
    int owed = 0; // spaces that are printed only if something follows
    for (int i = 0; i < texts.size(); i++) {
      int column = layout.shown().get(i);
      String text = line < texts.get(i).size() ? texts.get(i).get(line) : "";
      if (!text.isEmpty()) {
        out.append(" ".repeat(owed)).append(row.get(column).paint().onOut(text, process));
        owed = 0;
      }
      owed += layout.width(column) - TextWidth.of(text) + TableLayout.GAP;
    }
    return out.toString();
  }

  /** Words in lines that are no wider than this. */
  static List<String> lines(String text, int width) {
    List<String> lines = new ArrayList<>();
    String line = "";
    for (String word : text.split(" ", -1)) {
      String longer = line.isEmpty() ? word : line + " " + word;
      if (TextWidth.of(longer) <= width || line.isEmpty()) {
        line = longer;
      } else {
        lines.add(line);
        line = word;
      }
      while (TextWidth.of(line) > width) { // a word that is wider than the line
        int end = line.offsetByCodePoints(0, 1);
        while (TextWidth.of(line.substring(0, line.offsetByCodePoints(end, 1))) <= width) {
          end = line.offsetByCodePoints(end, 1);
        }
        lines.add(line.substring(0, end));
        line = line.substring(end);
      }
    }
    lines.add(line);
    return lines;
  }
}
