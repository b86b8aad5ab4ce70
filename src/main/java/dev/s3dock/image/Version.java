package dev.s3dock.image;

import java.util.regex.Pattern;

/**
 * Name of a release, such as {@code v1.2.0}. Ordered by SemVer precedence (semver.org, 2.0.0, item
 * 11), with or without a leading {@code v}; names that are no SemVer come before all that are.
 *
 * @throws InvalidNameException if the value has another form, is {@code latest}, or looks like the
 *     {@code stamp-hash} of an image
 */
public record Version(String value) implements Comparable<Version> {
  private static final Pattern FORM = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._+-]{0,127}");

  public Version {
    if (!FORM.matcher(value).matches()) {
      throw new InvalidNameException(
          "malformed version '%s': use letters, digits and . _ + -, at most 128 characters, such as v1.2.0"
              .formatted(Printable.of(value)));
    }
    if (value.equals("latest")) {
      throw new InvalidNameException(
          "'latest' cannot be a version, since its image would change; name a release, such as v1.2.0");
    }
    if (ImageReference.looksLikeTag(value)) {
      throw new InvalidNameException(
          "version '%s' looks like the tag of an image; name a release, such as v1.2.0"
              .formatted(value));
    }
  }

  /** True if the text could be a version. */
  public static boolean isValid(String text) {
    return FORM.matcher(text).matches()
        && !text.equals("latest")
        && !ImageReference.looksLikeTag(text);
  }

  @Override
  public int compareTo(Version other) {
    int bySemVer = SemVer.compare(value, other.value);
    return bySemVer != 0 ? bySemVer : value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
