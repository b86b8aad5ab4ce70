package dev.s3dock.store;

/**
 * The store's own token for one state of an object, without quotes. Two states of one key have two
 * tokens; the token says nothing else, least of all that it is an MD5.
 */
public record ETag(String value) {
  public ETag {
    if (value.length() >= 2 && value.startsWith("\"") && value.endsWith("\"")) {
      value = value.substring(1, value.length() - 1);
    }
    if (value.isEmpty()) {
      throw new IllegalArgumentException("empty ETag");
    }
  }

  @Override
  public String toString() {
    return value;
  }
}
