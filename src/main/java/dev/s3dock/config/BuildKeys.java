package dev.s3dock.config;

import dev.s3dock.image.AppName;
import dev.s3dock.image.Printable;
import java.nio.file.Path;
import java.util.List;

/** The keys below {@code build.APP}. */
final class BuildKeys {
  static final String SECTION = "build";
  static final String FORM = "build.APP.KEY";
  static final Keys KEYS = new Keys("%s, as " + FORM);

  static final Key<String> INCLUDE =
      KEYS.list("include", "patterns of files to send though git ignores them");

  private BuildKeys() {}

  /**
   * Checks one value.
   *
   * @throws ConfigException that names the key and the line, if the key is unknown or the value
   *     cannot be honoured
   */
  static void check(Path file, Json5.Value value) {
    List<String> path = value.path();
    if (path.size() > 1 && !AppName.isValid(path.get(1))) {
      throw Json5.at(
          file, value.line(), "this is not a valid name of an app: " + Printable.of(path.get(1)));
    }
    KEYS.check(file, value, path.subList(Math.min(2, path.size()), path.size()));
  }
}
