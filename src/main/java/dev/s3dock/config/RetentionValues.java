package dev.s3dock.config;

import dev.s3dock.image.AppName;
import java.util.Map;
import java.util.Optional;

/**
 * What the file says about how long the images of an app are kept: what is said of the app before
 * what is said of all.
 */
public final class RetentionValues {
  private final Map<String, String> values;
  private final AppName app;

  /**
   * Of one app.
   *
   * @param values of all apps, by the dotted key below the section
   */
  RetentionValues(Map<String, String> values, AppName app) {
    this.values = Map.copyOf(values);
    this.app = app;
  }

  /** The value of a key of {@link RetentionKeys}, or its default; empty if there is neither. */
  public <T> Optional<T> get(Key<T> key) {
    String ofApp = values.get(RetentionKeys.APPS + "." + app + "." + key);
    return key.read(Optional.ofNullable(ofApp != null ? ofApp : values.get(key.name())));
  }
}
