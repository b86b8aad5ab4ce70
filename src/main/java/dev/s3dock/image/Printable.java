package dev.s3dock.image;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.regex.Pattern;

/** Makes foreign text safe to show: control characters never reach a terminal or a log. */
public final class Printable {
  private static final int LIMIT = 200;
  private static final String HIDDEN = "****";
  private static final Pattern USER_IN_URL =
      Pattern.compile("([A-Za-z][A-Za-z0-9+.-]{0,30}://)[^\\s/?#'\"]*@");

  private static final Pattern FRACTION = Pattern.compile("(\\d\\d:\\d\\d:\\d\\d)\\.\\d+");

  private Printable() {}

  /** The text with control and format characters shown as {@code ?}, cut at 200 characters. */
  public static String of(String text) {
    StringBuilder out = new StringBuilder();
    text.codePoints().limit(LIMIT).forEach(c -> out.appendCodePoint(isUnsafe(c) ? '?' : c));
    return text.codePointCount(0, text.length()) > LIMIT ? out + "…" : out.toString();
  }

  /** A time for a person: UTC, to the second. */
  public static String time(Instant at) {
    return at.truncatedTo(ChronoUnit.SECONDS).toString();
  }

  /** A time as it was written somewhere, to the second; another text as {@link #of} shows it. */
  public static String time(String written) {
    return FRACTION.matcher(of(written)).replaceFirst("$1");
  }

  /** An address such as a URL, shown without the user and the password that it may hold. */
  public static String address(String text) {
    int scheme = text.indexOf("://");
    int start = scheme < 0 ? 0 : scheme + "://".length();
    int end = text.lastIndexOf('@');
    return of(end < start ? text : text.substring(0, start) + HIDDEN + text.substring(end));
  }

  /**
   * A message of several lines, which is not cut: line breaks and tabs stay, and URLs in it are
   * shown without user and password.
   */
  public static String lines(String text) {
    StringBuilder out = new StringBuilder(text.length());
    USER_IN_URL
        .matcher(text)
        .replaceAll("$1" + HIDDEN + "@")
        .codePoints()
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
