package dev.s3dock.config;

import dev.s3dock.image.AppName;
import dev.s3dock.image.Printable;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * The keys below {@code retention}, for all apps, and below {@code retention.apps.APP}, for one.
 */
public final class RetentionKeys {
  static final String SECTION = "retention";
  static final String APPS = "apps";
  static final String FORM = "retention.KEY, retention.apps.APP.KEY";
  static final Keys KEYS = new Keys("%s, as " + FORM);

  public static final Key<Integer> KEEP_LAST =
      KEYS.one("keep_last", Parser.number(0, 999_999), "so many of the newest commits are kept");
  public static final Key<Duration> OLDER_THAN =
      KEYS.one("older_than", Parser.AGE, "how old an image must be to go");
  public static final Key<Boolean> KEEP_TAGGED =
      KEYS.yesNo("keep_tagged", "whether all that has no version may go");
  public static final Key<Integer> TARGETS =
      KEYS.one(
          "targets", Parser.number(1, 9999), "5", "last images of each environment that are kept");
  public static final Key<Duration> ARCHIVE_OLDER_THAN =
      KEYS.one(
          "archive_older_than",
          Parser.AGE,
          "how long what was replaced stays; without it for ever");

  private RetentionKeys() {}

  /**
   * Checks one value.
   *
   * @throws ConfigException that names the key and the line, if the key is unknown or the value
   *     cannot be honoured
   */
  static void check(Path file, Json5.Value value) {
    List<String> path = value.path();
    boolean ofApp = path.size() > 1 && path.get(1).equals(APPS);
    if (ofApp && path.size() > 2 && !AppName.isValid(path.get(2))) {
      throw Json5.at(
          file, value.line(), "this is not a valid name of an app: " + Printable.of(path.get(2)));
    }
    KEYS.check(file, value, path.subList(Math.min(ofApp ? 3 : 1, path.size()), path.size()));
  }
}
