package dev.s3dock.deploy.service;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * HTTP status codes that count as healthy.
 *
 * @param least the lowest one, 100 to 599
 * @param most the highest one
 */
public record StatusRange(int least, int most) {
  private static final Pattern FORM = Pattern.compile("([1-5]\\d\\d)(?:-([1-5]\\d\\d))?");

  public StatusRange {
    if (least > most) {
      throw new IllegalArgumentException(
          "'%d-%d' is not a range: the first status must be the smaller one"
              .formatted(least, most));
    }
  }

  /** Reads {@code 200} or {@code 200-399}. */
  public static StatusRange parse(String text) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("'%s' is not a range such as 200-399".formatted(text));
    }
    int least = Integer.parseInt(matcher.group(1));
    return new StatusRange(
        least, matcher.group(2) == null ? least : Integer.parseInt(matcher.group(2)));
  }

  public boolean contains(int status) {
    return status >= least && status <= most;
  }

  @Override
  public String toString() {
    return least == most ? "" + least : least + "-" + most;
  }
}
