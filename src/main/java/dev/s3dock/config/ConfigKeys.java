package dev.s3dock.config;

import dev.s3dock.image.Printable;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The keys of the file, and which values of each can be honoured. */
final class ConfigKeys {
  private static final Pattern DURATION = Pattern.compile("(\\d{1,6})(ms|s|m|h)");
  private static final Pattern SIZE = Pattern.compile("(\\d{1,6})(MiB|GiB)");
  private static final Pattern COMPRESSION =
      Pattern.compile("gzip(:[1-9])?|zstd(:([1-9]|1[0-9]))?");
  private static final Set<String> PROFILE_KEYS =
      Set.of(
          "bucket",
          "region",
          "endpoint",
          "access_key",
          "secret_key",
          "session_token",
          "conditional_writes");

  /** What a value must be, in words for the message. */
  private record Rule(Predicate<String> accepts, String words) {}

  private static final Map<String, Rule> RULES =
      Map.of(
          "default_profile",
          new Rule(value -> !value.isEmpty(), "the name of a profile"),
          "docker.timeout",
          new Rule(value -> duration(value).isPresent(), "a duration such as \"30s\" or \"5m\""),
          "docker.compression",
          new Rule(
              value -> COMPRESSION.matcher(value).matches(),
              "\"gzip\" or \"gzip:1\" to \"gzip:9\", \"zstd\" or \"zstd:1\" to \"zstd:19\""),
          "docker.threads",
          new Rule(value -> value.matches("[1-9]\\d{0,2}"), "a whole number from 1 to 999"),
          "docker.cache",
          new Rule(value -> size(value).isPresent(), "a size such as \"2GiB\", or \"off\""),
          "naming.include_git_branch",
          new Rule(
              value -> value.equals("false"),
              "false: a reference is always app:stamp-hash, the same on every branch"),
          "naming.timestamp_format",
          new Rule(
              value -> value.equals("20060102-1504"),
              "\"20060102-1504\": other stamps could not be found again"),
          "naming.path_template",
          new Rule(
              value -> value.equals("images/{app}/{year_month}/{filename}"),
              "\"images/{app}/{year_month}/{filename}\": the layout of the bucket is fixed"),
          "defaults.retry_count",
          new Rule(value -> value.matches("1?\\d|20"), "a whole number from 0 to 20"),
          "defaults.log_level",
          new Rule(
              value -> value.matches("error|warn|info|debug|[123]"),
              "\"error\", \"warn\", \"info\", \"debug\", or 1 to 3"));

  private static final Rule CONDITIONAL_WRITES =
      new Rule(value -> value.matches("required|off"), "\"required\" or \"off\"");

  private ConfigKeys() {}

  /**
   * Checks one value.
   *
   * @throws ConfigException that names the key and the line, if the key is unknown or the value
   *     cannot be honoured
   */
  static void check(Path file, Json5.Value value) {
    if (value.path().getFirst().equals(DeployKeys.SECTION)) {
      DeployKeys.check(file, value);
      return;
    }
    if (value.path().getFirst().equals(RetentionKeys.SECTION)) {
      RetentionKeys.check(file, value);
      return;
    }
    if (value.kind() == Json5.Kind.LIST) {
      throw Json5.at(file, value.line(), "'" + value.key() + "' cannot be a list");
    }
    if (value.kind() == Json5.Kind.OBJECT && isSection(value.path())) {
      return;
    }
    if (value.value().chars().anyMatch(Character::isISOControl)) {
      throw Json5.at(
          file,
          value.line(),
          "'" + value.key() + "' has a line break or a control character in it");
    }
    Rule rule =
        value.path().getFirst().equals("profiles") ? profileRule(file, value) : rule(file, value);
    if (!rule.accepts().test(value.value())) {
      throw Json5.at(
          file,
          value.line(),
          "'%s' cannot be \"%s\"; it must be %s"
              .formatted(value.key(), Printable.of(value.value()), rule.words()));
    }
  }

  /** Objects that may stand in the file: the sections, and a profile. */
  private static boolean isSection(List<String> path) {
    return path.getFirst().equals("profiles")
        ? path.size() <= 2
        : path.size() == 1
            && RULES.keySet().stream().anyMatch(key -> key.startsWith(path.getFirst() + "."));
  }

  private static Rule rule(Path file, Json5.Value value) {
    Rule rule = RULES.get(value.key());
    if (rule == null) {
      throw unknown(
          file,
          value,
          String.join(", ", RULES.keySet().stream().sorted().toList())
              + ", "
              + DeployKeys.FORM
              + ", "
              + RetentionKeys.FORM);
    }
    return rule;
  }

  private static Rule profileRule(Path file, Json5.Value value) {
    if (value.path().size() != 3 || !PROFILE_KEYS.contains(value.path().getLast())) {
      throw unknown(
          file,
          value,
          "profiles.NAME with " + String.join(", ", PROFILE_KEYS.stream().sorted().toList()));
    }
    if (value.kind() != Json5.Kind.TEXT) {
      throw Json5.at(file, value.line(), "'" + value.key() + "' must be a text in quotes");
    }
    return value.path().getLast().equals("conditional_writes")
        ? CONDITIONAL_WRITES
        : new Rule(text -> true, "a text");
  }

  static ConfigException unknown(Path file, Json5.Value value, String known) {
    return Json5.at(
        file,
        value.line(),
        "unknown key '%s'; known are %s".formatted(Printable.of(value.key()), known));
  }

  /** Reads {@code off}, {@code 500MiB}, {@code 2GiB}, as bytes. */
  static Optional<Long> size(String text) {
    if (text.equals("off")) {
      return Optional.of(0L);
    }
    Matcher matcher = SIZE.matcher(text);
    return matcher.matches()
        ? Optional.of(
            Long.parseLong(matcher.group(1)) << (matcher.group(2).equals("MiB") ? 20 : 30))
        : Optional.empty();
  }

  /** Reads {@code 500ms}, {@code 30s}, {@code 5m}, {@code 1h}. */
  static Optional<Duration> duration(String text) {
    Matcher matcher = DURATION.matcher(text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    long amount = Long.parseLong(matcher.group(1));
    return Optional.of(
        switch (matcher.group(2)) {
          case "ms" -> Duration.ofMillis(amount);
          case "s" -> Duration.ofSeconds(amount);
          case "m" -> Duration.ofMinutes(amount);
          default -> Duration.ofHours(amount);
        });
  }
}
