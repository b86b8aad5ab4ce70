package dev.s3dock.config;

import dev.s3dock.image.AppName;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * What the file says about how long the images of an app are kept: what is said of the app before
 * what is said of all.
 */
public final class RetentionValues {
  private final Map<String, String> values;
  private final AppName app;

  RetentionValues(Map<String, String> values, AppName app) {
    this.values = Map.copyOf(values);
    this.app = app;
  }

  /** So many of the newest commits. */
  public Optional<Integer> keepLast() {
    return get("keep_last").map(Integer::valueOf);
  }

  /** How old an image must be to go. */
  public Optional<Duration> olderThan() {
    return get("older_than").flatMap(RetentionKeys::age);
  }

  /** Whether what has no version may go. */
  public Optional<Boolean> keepTagged() {
    return get("keep_tagged").map(Boolean::valueOf);
  }

  /** So many images that each environment was at last. */
  public Optional<Integer> targets() {
    return get("targets").map(Integer::valueOf);
  }

  /** How long what was replaced stays. */
  public Optional<Duration> archiveOlderThan() {
    return get("archive_older_than").flatMap(RetentionKeys::age);
  }

  /** Reads an age as the file has it, such as {@code 36h}, {@code 90d}, {@code 12w}. */
  public static Optional<Duration> age(String text) {
    return RetentionKeys.age(text);
  }

  private Optional<String> get(String key) {
    String ofApp = values.get(RetentionKeys.APPS + "." + app + "." + key);
    return Optional.ofNullable(ofApp != null ? ofApp : values.get(key));
  }
}
