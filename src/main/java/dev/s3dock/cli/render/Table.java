package dev.s3dock.cli.render;

import dev.s3dock.cli.invocation.ProcessContext;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Help;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Help.Column;
import picocli.CommandLine.Help.TextTable;

/**
 * Rows for stdout: a table on a terminal, tab-separated lines without a header elsewhere. Rows are
 * printed as they come, a batch at a time, so memory does not grow with their number.
 */
final class Table {
  private static final int BATCH = 500;
  private static final int GAP = 3;

  private final ProcessContext process;
  private final List<String> header;
  private final List<List<String>> batch = new ArrayList<>();
  private int[] widths = {};

  Table(ProcessContext process, String... header) {
    this.process = process;
    this.header = List.of(header);
  }

  void row(String... cells) {
    if (!process.terminal()) {
      process.out().println(String.join("\t", cells));
      return;
    }
    batch.add(List.of(cells));
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
      batch.addFirst(header);
    }
    widths = columnWidths();
    Column[] columns = new Column[widths.length];
    for (int i = 0; i < widths.length; i++) {
      columns[i] = new Column(widths[i], 0, Column.Overflow.SPAN);
    }
    TextTable table = TextTable.forColumns(Help.defaultColorScheme(Ansi.OFF), columns);
    batch.forEach(row -> table.addRowValues(row.toArray(String[]::new)));
    process.out().print(table);
    batch.clear();
  }

  private int[] columnWidths() {
    int[] wide = widths.length == 0 ? new int[header.size()] : widths.clone();
    for (List<String> row : batch) {
      for (int i = 0; i < wide.length; i++) {
        wide[i] = Math.max(wide[i], row.get(i).length() + GAP);
      }
    }
    return wide;
  }
}
