package dev.s3dock.cli.render;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Which columns of a table are shown, and how wide, so that no line is wider than the window:
 * columns of a rank are left out, text is wrapped, and, where that is not enough, words are cut.
 */
final class TableLayout {
  static final int GAP = 3;

  private static final int NARROWEST = 6;

  private final List<TableColumn> columns;
  private final int[] widths;
  private final int[] words;
  private final List<Integer> shown;

  /**
   * Fits columns into a window.
   *
   * @param natural how wide each would be
   * @param words how wide the widest word of each is
   */
  TableLayout(List<TableColumn> columns, int[] natural, int[] words, int window) {
    this.columns = columns;
    this.words = words.clone();
    this.widths = natural.clone();
    this.shown = new ArrayList<>(IntStream.range(0, natural.length).boxed().toList());
    leaveOut(window);
    wrap(window);
    cut(window);
  }

  /** Indexes of the columns that are shown. */
  List<Integer> shown() {
    return List.copyOf(shown);
  }

  int width(int column) {
    return widths[column];
  }

  private void leaveOut(int window) {
    while (least() > window) {
      int last =
          shown.stream().max(Comparator.comparingInt(i -> columns.get(i).rank())).orElseThrow();
      if (columns.get(last).rank() == 0) {
        return;
      }
      shown.remove(Integer.valueOf(last));
    }
  }

  private int least() {
    return shown.stream().mapToInt(i -> columns.get(i).least(widths[i], words[i])).sum() + gaps();
  }

  private int total() {
    return shown.stream().mapToInt(i -> widths[i]).sum() + gaps();
  }

  private int gaps() {
    return GAP * (shown.size() - 1);
  }

  private void wrap(int window) {
    for (int i : shown) {
      int over = total() - window;
      if (over > 0 && columns.get(i).wraps()) {
        widths[i] = Math.max(columns.get(i).least(widths[i], words[i]), widths[i] - over);
      }
    }
  }

  private void cut(int window) {
    while (total() > window) {
      int widest = shown.stream().max(Comparator.comparingInt(i -> widths[i])).orElseThrow();
      if (widths[widest] > NARROWEST) {
        widths[widest] = Math.max(NARROWEST, widths[widest] - (total() - window));
      } else if (shown.size() > 1) {
        shown.removeLast();
      } else {
        widths[widest] = window;
      }
    }
  }
}
