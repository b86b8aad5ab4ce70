package dev.s3dock.image;

import java.util.regex.Pattern;

/**
 * Name of a deployable, such as {@code my-app}: lower-case letters and digits, separated by {@code
 * .}, {@code _} or {@code -}, at most 128 characters.
 *
 * @throws InvalidNameException if the value has another form
 */
public record AppName(String value) implements Comparable<AppName> {
  /** Longest name, in characters. */
  public static final int MAX_LENGTH = 128;

  private static final Pattern FORM = Pattern.compile("[a-z0-9]+(?:[._-]+[a-z0-9]+)*+");

  public AppName {
    if (value.length() > MAX_LENGTH || !FORM.matcher(value).matches()) {
      throw new InvalidNameException(
          "malformed app name '%s': use lower-case letters, digits and single separators . _ - between them, at most %d characters"
              .formatted(Printable.of(value), MAX_LENGTH));
    }
  }

  /** True if the text could be an app name. */
  public static boolean isValid(String text) {
    return text.length() <= MAX_LENGTH && FORM.matcher(text).matches();
  }

  @Override
  public int compareTo(AppName other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
