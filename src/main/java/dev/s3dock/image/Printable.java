package dev.s3dock.image;

/** Makes foreign text safe to show: control characters never reach a terminal or a log. */
public final class Printable {
  private static final int LIMIT = 200;

  private Printable() {}

  /** The text with control and format characters shown as {@code ?}, cut at 200 characters. */
  public static String of(String text) {
    StringBuilder out = new StringBuilder();
    text.codePoints().limit(LIMIT).forEach(c -> out.appendCodePoint(isUnsafe(c) ? '?' : c));
    return text.codePointCount(0, text.length()) > LIMIT ? out + "…" : out.toString();
  }

  /** The same for a text of several lines, which is not cut: line breaks and tabs stay. */
  public static String lines(String text) {
    StringBuilder out = new StringBuilder(text.length());
    text.codePoints()
        .forEach(c -> out.appendCodePoint(c != '\n' && c != '\t' && isUnsafe(c) ? '?' : c));
    return out.toString();
  }

  private static boolean isUnsafe(int c) {
    int type = Character.getType(c);
    return Character.isISOControl(c)
        || type == Character.FORMAT
        || type == Character.SURROGATE
        || type == Character.LINE_SEPARATOR
        || type == Character.PARAGRAPH_SEPARATOR;
  }
}
