package dev.s3dock.image;

import java.util.Comparator;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What one build of one commit is called: {@code app:stamp-hash}, such as {@code
 * my-app:20250721-2118-f7a5a27}.
 *
 * @param hash abbreviated commit hash, 5 to 64 lower-case hex digits; s3dock itself writes 7
 * @throws InvalidNameException if the hash has another form
 */
public record ImageReference(AppName app, CommitStamp stamp, String hash)
    implements Comparable<ImageReference> {
  private static final Pattern HASH = Pattern.compile("[0-9a-f]{5,64}");
  private static final Pattern TAG = Pattern.compile("(\\d{8}-\\d{4})-([0-9a-f]{5,64})");

  public ImageReference {
    if (!HASH.matcher(hash).matches()) {
      throw new InvalidNameException(
          "malformed commit hash '%s': use 5 to 64 lower-case hex digits"
              .formatted(Printable.of(hash)));
    }
  }

  /**
   * Reads {@code app:stamp-hash}. A registry and a path before the app's name are passed over:
   * {@code host:5000/team/myapp:20250721-2118-f7a5a27} is app {@code myapp}.
   *
   * @throws InvalidNameException if the text has another form
   */
  public static ImageReference parse(String text) {
    String name = text.substring(text.lastIndexOf('/') + 1);
    int colon = name.indexOf(':');
    Matcher tag = TAG.matcher(name.substring(colon + 1));
    if (colon < 1 || !tag.matches() || text.endsWith("/")) {
      throw new InvalidNameException(
          "malformed image reference '%s': use app:YYYYMMDD-HHMM-hash, such as myapp:20250721-2118-f7a5a27"
              .formatted(Printable.of(text)));
    }
    return new ImageReference(
        new AppName(name.substring(0, colon)), new CommitStamp(tag.group(1)), tag.group(2));
  }

  /**
   * The reference of {@code app} with this {@code stamp-hash}; empty if the tag has another form.
   */
  public static Optional<ImageReference> ofTag(AppName app, String tag) {
    Matcher matcher = TAG.matcher(tag);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new ImageReference(app, new CommitStamp(matcher.group(1)), matcher.group(2)));
    } catch (InvalidNameException e) {
      return Optional.empty();
    }
  }

  /** True if the text is shaped like {@code stamp-hash}. */
  static boolean looksLikeTag(String text) {
    return TAG.matcher(text).matches();
  }

  /** The part after the colon, {@code stamp-hash}. */
  public String tag() {
    return stamp + "-" + hash;
  }

  @Override
  public int compareTo(ImageReference other) {
    return Comparator.comparing(ImageReference::app)
        .thenComparing(ImageReference::stamp)
        .thenComparing(ImageReference::hash)
        .compare(this, other);
  }

  @Override
  public String toString() {
    return app + ":" + tag();
  }
}
