package dev.s3dock.cli.invocation;

/** How many columns of a terminal a text takes: most characters one, those of East Asia two. */
public final class TextWidth {
  private static final String MORE = "…";

  /** First and last of the runs that take two columns, after Unicode's EastAsianWidth.txt. */
  private static final int[][] WIDE = {
    {0x1100, 0x115f},
    {0x2e80, 0x303e},
    {0x3041, 0xa4cf},
    {0xa960, 0xa97c},
    {0xac00, 0xd7a3},
    {0xf900, 0xfaff},
    {0xfe30, 0xfe6f},
    {0xff00, 0xff60},
    {0xffe0, 0xffe6},
    {0x1f300, 0x1faff},
    {0x20000, 0x3fffd}
  };

  private TextWidth() {}

  /** Columns of a text without control characters. */
  public static int of(String text) {
    return text.codePoints().map(TextWidth::of).sum();
  }

  private static int of(int character) {
    int type = Character.getType(character);
    if (type == Character.NON_SPACING_MARK || type == Character.ENCLOSING_MARK) {
      return 0;
    }
    for (int[] run : WIDE) {
      if (character >= run[0] && character <= run[1]) {
        return 2;
      }
    }
    return 1;
  }

  /** The text, or as much of it as fits, with {@code …} at the end. */
  public static String cut(String text, int columns) {
    if (of(text) <= columns) {
      return text;
    }
    StringBuilder start = new StringBuilder();
    int left = columns - 1;
    for (int character : text.codePoints().toArray()) {
      left -= of(character);
      if (left < 0) {
        break;
      }
      start.appendCodePoint(character);
    }
    return columns < 1 ? "" : start + MORE;
  }

  /** The text and spaces up to a width. */
  public static String pad(String text, int columns) {
    return text + " ".repeat(Math.max(0, columns - of(text)));
  }
}
