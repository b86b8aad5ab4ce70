package dev.s3dock.store;

import java.nio.charset.StandardCharsets;
import java.util.Comparator;

/**
 * Name of an object: 1 to 1,024 bytes of UTF-8 (the limit of Amazon S3), no leading slash, no
 * empty, {@code .} or {@code ..} segment, no control character, no backslash. So a key is also a
 * safe relative path.
 *
 * @throws IllegalArgumentException if the value has another form
 */
public record ObjectKey(String value) implements Comparable<ObjectKey> {
  private static final int MAX_BYTES = 1024;

  /** The order of listings, and of keys: by the bytes of UTF-8, unsigned. */
  public static final Comparator<String> ORDER = ObjectKey::compareAsUtf8;

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
    if (text.codePoints().anyMatch(c -> c >= 0xd800 && c <= 0xdfff)) {
      return false; // half of a character: UTF-8 has no bytes for it
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
    return ORDER.compare(value, other.value);
  }

  /** Code points sort as their UTF-8 bytes do; of chars, surrogates must go last for that. */
  private static int compareAsUtf8(String a, String b) {
    int common = Math.min(a.length(), b.length());
    for (int i = 0; i < common; i++) {
      char left = a.charAt(i);
      char right = b.charAt(i);
      if (left != right) {
        boolean leftLast = Character.isSurrogate(left);
        return leftLast == Character.isSurrogate(right)
            ? Character.compare(left, right)
            : Boolean.compare(leftLast, !leftLast);
      }
    }
    return Integer.compare(a.length(), b.length());
  }

  @Override
  public String toString() {
    return value;
  }
}
