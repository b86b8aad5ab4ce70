package dev.s3dock.deploy.loadbalancer.haproxy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The table of {@code show stat}: CSV, whose cells may stand in quotes. */
final class HaproxyStatistics {
  private HaproxyStatistics() {}

  /** Cells by the name of the row ({@code svname}) and of the column. */
  static Map<String, Map<String, String>> parse(String answer) {
    Map<String, Map<String, String>> rows = new HashMap<>();
    List<String> columns = List.of();
    for (String line : answer.lines().filter(it -> !it.isBlank()).toList()) {
      if (line.startsWith("# ")) {
        columns = cells(line.substring(2));
        continue;
      }
      List<String> cells = cells(line);
      Map<String, String> row = new HashMap<>();
      for (int i = 0; i < Math.min(columns.size(), cells.size()); i++) {
        row.put(columns.get(i), cells.get(i));
      }
      rows.put(row.getOrDefault("svname", ""), row);
    }
    return rows;
  }

  private static List<String> cells(String line) {
    List<String> cells = new ArrayList<>();
    StringBuilder cell = new StringBuilder();
    boolean quoted = false;
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      if (c == '"') {
        quoted = !quoted;
      } else if (c == ',' && !quoted) {
        cells.add(cell.toString());
        cell.setLength(0);
      } else {
        cell.append(c);
      }
    }
    cells.add(cell.toString());
    return cells;
  }
}
