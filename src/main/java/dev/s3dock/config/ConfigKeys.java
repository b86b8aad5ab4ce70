package dev.s3dock.config;

import dev.s3dock.image.AppName;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The keys of the file, but for those of its sections {@code deploy}, {@code retention}, {@code
 * build}, {@code agent} and {@code rollout}.
 */
final class ConfigKeys {
  static final String PROFILES = "profiles";

  /** Below {@code profiles.NAME}. */
  static final Keys PROFILE = new Keys("profiles.NAME with %s");

  static final Keys GENERAL =
      new Keys(
          "%s, "
              + PROFILES
              + ".NAME.KEY, "
              + DeployKeys.FORM
              + ", "
              + RetentionKeys.FORM
              + ", "
              + BuildKeys.FORM
              + ", "
              + AgentKeys.FORM
              + ", "
              + RolloutKeys.FORM);

  static final Key<String> BUCKET =
      line("bucket", "name of the bucket, or a folder such as file:///srv/s3dock");
  static final Key<String> REGION =
      line("region", "such as eu-central-1; without it the AWS default chain decides");
  static final Key<String> ENDPOINT =
      line("endpoint", "URL of an S3-compatible store; without it Amazon S3");
  static final Key<String> ADDRESSING =
      PROFILE.quoted(
          "addressing",
          Parser.matching("auto|path|virtual", "\"auto\", \"path\" or \"virtual\""),
          "\"path\" asks https://host/bucket, \"virtual\" https://bucket.host; without it by the endpoint's form");
  static final Key<String> ACCESS_KEY =
      line("access_key", "with secret_key; without them the AWS default chain decides");
  static final Key<String> SECRET_KEY = line("secret_key", "with access_key");
  static final Key<String> SESSION_TOKEN = line("session_token", "for temporary keys");
  static final Key<String> CONDITIONAL_WRITES =
      PROFILE.quoted(
          "conditional_writes",
          Parser.matching("required|off", "\"required\" or \"off\""),
          "\"off\" accepts a store that ignores preconditions; otherwise it is refused");

  static final Key<String> DEFAULT_PROFILE =
      GENERAL.one(
          "default_profile",
          Parser.matching("[^\\p{Cc}]+", "the name of a profile"),
          "default",
          "the profile where none is named");
  static final Key<AppName> APP =
      GENERAL.one(
          "app",
          new Parser<>(
              "the name of an app, such as \"myapp\"",
              text -> Optional.of(text).filter(AppName::isValid).map(AppName::new)),
          "the app where a command names none");
  static final Key<Duration> TIMEOUT =
      GENERAL.one(
          "docker.timeout", Parser.DURATION, "30s", "how long the engine may take to answer");
  static final Key<String> COMPRESSION =
      GENERAL.one(
          "docker.compression",
          Parser.matching(
              "gzip(:[1-9])?|zstd(:([1-9]|1[0-9]))?",
              "\"gzip\" or \"gzip:1\" to \"gzip:9\", \"zstd\" or \"zstd:1\" to \"zstd:19\""),
          "gzip",
          "of new archives, and its level: 1 is fast, 9 and 19 are small");
  static final Key<Integer> THREADS =
      GENERAL.one(
          "docker.threads",
          Parser.number(1, 999),
          "how many threads compress and decompress; without it as many as there are processors");
  static final Key<Long> CACHE =
      GENERAL.one(
          "docker.cache",
          new Parser<>(
              "a size such as \"500MiB\" or \"2GiB\", or \"off\"",
              text -> Parser.SIZE.read().apply(text.equals("off") ? "0MiB" : text)),
          "2GiB",
          "the most of compressed data that is kept on this machine");

  static final Key<String> CHUNK_FOLDER =
      GENERAL.one(
          "cache.path",
          Parser.matching("(/|~/)[^\\p{Cc}]+", "an absolute path, or one that begins with ~/"),
          "where pulls keep what they have fetched; without it /var/cache/s3dock for root, else ~/.cache/s3dock/chunks");
  static final Key<Long> CHUNK_BYTES =
      GENERAL.one(
          "cache.size",
          new Parser<>(
              "a size such as \"500MiB\" or \"2GiB\", or 0",
              text -> text.equals("0") ? Optional.of(0L) : ByteSize.parse(text)),
          "2GiB",
          "the most that pulls keep, and never more than a quarter of the space that is free without it");

  static {
    fixed(
        "naming.include_git_branch",
        "false",
        "a reference is always app:stamp-hash, the same on every branch");
    fixed("naming.timestamp_format", "20060102-1504", "other stamps could not be found again");
    fixed(
        "naming.path_template",
        "images/{app}/{year_month}/{filename}",
        "the layout of the bucket is fixed");
  }

  static final Key<Integer> RETRIES =
      GENERAL.one(
          "defaults.retry_count",
          Parser.number(0, 20),
          "3",
          "how often a request that failed for the moment is sent again");
  static final Key<Integer> LOG_LEVEL =
      GENERAL.one(
          "defaults.log_level",
          Parser.matching(
              "error|warn|info|debug|[123]",
              "\"error\", \"warn\", \"info\", \"debug\", or 1 to 3",
              ConfigKeys::level),
          "info",
          "what is told: errors and warnings (1), what was done (2), all (3)");

  private ConfigKeys() {}

  private static Key<String> line(String name, String about) {
    return PROFILE.quoted(name, Parser.LINE, about);
  }

  private static void fixed(String name, String value, String why) {
    GENERAL.one(
        name,
        Parser.matching(Pattern.quote(value), "\"" + value + "\": " + why),
        value,
        "fixed: " + why);
  }

  private static int level(String text) {
    return switch (text) {
      case "1", "error", "warn" -> 1;
      case "3", "debug" -> 3;
      default -> 2;
    };
  }

  /**
   * Checks one value of the file.
   *
   * @throws ConfigException that names the key and the line, if the key is unknown or the value
   *     cannot be honoured
   */
  static void check(Path file, Json5.Value value) {
    List<String> path = value.path();
    switch (path.getFirst()) {
      case DeployKeys.SECTION -> DeployKeys.check(file, value);
      case RetentionKeys.SECTION -> RetentionKeys.check(file, value);
      case BuildKeys.SECTION -> BuildKeys.check(file, value);
      case AgentKeys.SECTION -> AgentKeys.check(file, value);
      case RolloutKeys.SECTION -> RolloutKeys.check(file, value);
      case PROFILES ->
          PROFILE.check(file, value, path.subList(Math.min(2, path.size()), path.size()));
      default -> GENERAL.check(file, value, path);
    }
  }
}
