package dev.s3dock.image;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * An app and a word behind it, as users name an image: {@code myapp:20250721-2118-f7a5a27} itself,
 * {@code myapp:v1.2.0} by a version, {@code myapp:production} by an environment.
 *
 * @param tag as it was given: whoever looks for it says what it must be
 */
public record TaggedName(AppName app, String tag) {
  private static final Pattern TAG = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._+-]{0,127}");

  /**
   * Reads {@code app:tag}. A registry and a path before the app's name are passed over, as by
   * {@link ImageReference#parse}.
   *
   * @throws InvalidNameException if the text has another form, or a stamp that is no time
   */
  public static TaggedName parse(String text) {
    String name = text.substring(text.lastIndexOf('/') + 1);
    int colon = name.indexOf(':');
    String tag = name.substring(colon + 1);
    if (colon < 1 || !TAG.matcher(tag).matches()) {
      throw new InvalidNameException(
          "malformed image reference '%s': use app:YYYYMMDD-HHMM-hash, app:VERSION or app:ENVIRONMENT, such as myapp:20250721-2118-f7a5a27, myapp:v1.2.0 or myapp:production"
              .formatted(Printable.of(text)));
    }
    AppName app = new AppName(name.substring(0, colon));
    return ImageReference.looksLikeTag(tag)
        ? new TaggedName(app, ImageReference.parse(name).tag())
        : new TaggedName(app, tag);
  }

  /** True if the text names more than an app. */
  public static boolean isIn(String text) {
    return text.indexOf(':', text.lastIndexOf('/') + 1) >= 0;
  }

  /** The image, where the tag is its stamp-hash. */
  public Optional<ImageReference> image() {
    return ImageReference.ofTag(app, tag);
  }

  @Override
  public String toString() {
    return app + ":" + tag;
  }
}
