package dev.s3dock.config;

import dev.s3dock.image.AppName;
import dev.s3dock.image.Printable;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The keys below {@code retention}, for all apps, and below {@code retention.apps.APP}, for one.
 * They are documented in {@code docs/configuration.md}.
 */
final class RetentionKeys {
  static final String SECTION = "retention";
  static final String APPS = "apps";
  static final String FORM = "retention.KEY, retention.apps.APP.KEY";

  private static final Pattern AGE = Pattern.compile("(\\d{1,5})([hdw])");

  private record Rule(Predicate<String> accepts, String words) {}

  private static final Rule AN_AGE =
      new Rule(value -> age(value).isPresent(), "an age such as \"90d\", \"12w\" or \"36h\"");

  private static final Map<String, Rule> RULES =
      new TreeMap<>(
          Map.of(
              "keep_last",
              new Rule(value -> value.matches("\\d{1,6}"), "a whole number"),
              "older_than",
              AN_AGE,
              "keep_tagged",
              new Rule(value -> value.matches("true|false"), "true or false"),
              "targets",
              new Rule(value -> value.matches("[1-9]\\d{0,3}"), "a whole number from 1 to 9999"),
              "archive_older_than",
              AN_AGE));

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
    int depth = ofApp ? 4 : 2;
    if (path.size() < depth && value.kind() == Json5.Kind.OBJECT) {
      return;
    }
    Rule rule = path.size() == depth ? RULES.get(path.getLast()) : null;
    if (rule == null) {
      throw ConfigKeys.unknown(file, value, String.join(", ", RULES.keySet()) + ", as " + FORM);
    }
    boolean single = value.kind() != Json5.Kind.OBJECT && value.kind() != Json5.Kind.LIST;
    if (!single || !rule.accepts().test(value.value())) {
      throw Json5.at(
          file,
          value.line(),
          "'%s' cannot be \"%s\"; it must be %s"
              .formatted(value.key(), single ? Printable.of(value.value()) : "…", rule.words()));
    }
  }

  /** The dotted key below the section. */
  static String below(Json5.Value value) {
    return String.join(".", value.path().subList(1, value.path().size()));
  }

  /** Reads {@code 36h}, {@code 90d}, {@code 12w}. */
  static Optional<Duration> age(String text) {
    Matcher matcher = AGE.matcher(text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    long amount = Long.parseLong(matcher.group(1));
    return Optional.of(
        switch (matcher.group(2)) {
          case "h" -> Duration.ofHours(amount);
          case "d" -> Duration.ofDays(amount);
          default -> Duration.ofDays(7 * amount);
        });
  }
}
