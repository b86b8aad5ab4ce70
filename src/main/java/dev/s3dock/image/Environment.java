package dev.s3dock.image;

import java.util.regex.Pattern;

/**
 * Name of a place where an app runs, such as {@code production}.
 *
 * @throws InvalidNameException if the value has another form
 */
public record Environment(String value) implements Comparable<Environment> {
  private static final Pattern FORM = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,62}");

  public Environment {
    if (!FORM.matcher(value).matches()) {
      throw new InvalidNameException(
          "malformed environment '%s': use letters, digits and . _ -, at most 63 characters, such as production"
              .formatted(Printable.of(value)));
    }
  }

  /** True if the text could be an environment. */
  public static boolean isValid(String text) {
    return FORM.matcher(text).matches();
  }

  @Override
  public int compareTo(Environment other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
