package dev.s3dock.testing;

import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/** What a terminal was sent, as somebody sees it. */
public final class Terminal {
  private static final Pattern ESCAPES = Pattern.compile("\u001b\\[[0-9;?]*[A-Za-z]");

  private Terminal() {}

  /** Every line that was drawn, one over the other or not, without colours. */
  public static List<String> lines(String sent) {
    return Arrays.stream(ESCAPES.matcher(sent).replaceAll("").split("[\r\n]+"))
        .filter(line -> !line.isEmpty())
        .toList();
  }
}
