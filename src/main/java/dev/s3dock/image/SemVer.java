package dev.s3dock.image;

import java.math.BigInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Precedence of SemVer 2.0.0, item 11 (semver.org); build metadata does not count. */
final class SemVer {
  private static final Pattern FORM =
      Pattern.compile("v?(\\d+)\\.(\\d+)\\.(\\d+)(?:-([0-9A-Za-z.-]+))?(?:\\+[0-9A-Za-z.-]+)?");
  private static final Pattern NUMBER = Pattern.compile("\\d+");

  private SemVer() {}

  /** Compares by precedence; a text that is no SemVer comes before every one that is. */
  static int compare(String left, String right) {
    Matcher a = FORM.matcher(left);
    Matcher b = FORM.matcher(right);
    boolean aMatches = a.matches();
    boolean bMatches = b.matches();
    if (!aMatches || !bMatches) {
      return Boolean.compare(aMatches, bMatches);
    }
    for (int group = 1; group <= 3; group++) {
      int byNumber = new BigInteger(a.group(group)).compareTo(new BigInteger(b.group(group)));
      if (byNumber != 0) {
        return byNumber;
      }
    }
    return comparePreRelease(a.group(4), b.group(4));
  }

  private static int comparePreRelease(
      @org.jspecify.annotations.Nullable String left,
      @org.jspecify.annotations.Nullable String right) {
    if (left == null || right == null) {
      return Boolean.compare(left == null, right == null);
    }
    String[] a = left.split("\\.", -1);
    String[] b = right.split("\\.", -1);
    for (int i = 0; i < Math.min(a.length, b.length); i++) {
      int byIdentifier = compareIdentifier(a[i], b[i]);
      if (byIdentifier != 0) {
        return byIdentifier;
      }
    }
    return Integer.compare(a.length, b.length);
  }

  private static int compareIdentifier(String a, String b) {
    boolean aIsNumber = NUMBER.matcher(a).matches();
    boolean bIsNumber = NUMBER.matcher(b).matches();
    if (aIsNumber && bIsNumber) {
      return new BigInteger(a).compareTo(new BigInteger(b));
    }
    return aIsNumber == bIsNumber ? a.compareTo(b) : Boolean.compare(bIsNumber, aIsNumber);
  }
}
