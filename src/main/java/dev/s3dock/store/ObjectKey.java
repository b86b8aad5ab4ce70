package dev.s3dock.store;

import java.nio.charset.StandardCharsets;

/**
 * Name of an object: 1 to 1,024 bytes of UTF-8 (the limit of Amazon S3), no leading slash, no
 * empty, {@code .} or {@code ..} segment, no control character, no backslash. So a key is also a
 * safe relative path.
 *
 * @throws IllegalArgumentException if the value has another form
 */
public record ObjectKey(String value) implements Comparable<ObjectKey> {
  private static final int MAX_BYTES = 1024;

  public ObjectKey {
    if (!isValid(value)) {
      throw new IllegalArgumentException("not an object key: " + value.length() + " characters");
    }
  }

  /** True if the text is a key that s3dock touches; a bucket may hold others. */
  public static boolean isValid(String text) {
    if (text.isEmpty() || text.getBytes(StandardCharsets.UTF_8).length > MAX_BYTES) {
      return false;
    }
    if (text.indexOf('\\') >= 0 || text.chars().anyMatch(Character::isISOControl)) {
      return false;
    }
    for (String segment : text.split("/", -1)) {
      if (segment.isEmpty() || segment.equals(".") || segment.equals("..")) {
        return false;
      }
    }
    return true;
  }

  /** The part after the last slash. */
  public String name() {
    return value.substring(value.lastIndexOf('/') + 1);
  }

  @Override
  public int compareTo(ObjectKey other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
