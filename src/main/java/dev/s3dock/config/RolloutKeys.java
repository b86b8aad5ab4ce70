package dev.s3dock.config;

import dev.s3dock.image.AppName;
import dev.s3dock.image.Environment;
import dev.s3dock.image.Printable;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** The keys below {@code rollout.APP.ENVIRONMENT}: how a promotion reaches the hosts. */
public final class RolloutKeys {
  static final String SECTION = "rollout";
  static final String FORM = "rollout.APP.ENVIRONMENT.KEY";
  static final Keys KEYS = new Keys("%s, as " + FORM);

  public static final Key<String> CANARY =
      KEYS.one(
          "canary",
          Parser.matching(
              "(label=|host=)?[A-Za-z0-9][A-Za-z0-9._-]{0,62}",
              "a label of hosts, such as \"canary\", or \"host=NAME\""),
          "the hosts that come first; without it none do");
  public static final Key<String> BATCH =
      KEYS.one(
          "batch",
          Parser.matching(
              "[1-9]\\d{0,5}|([1-9]\\d?|100)%", "a number of hosts, or a share such as \"25%\""),
          "25%",
          "how many hosts may be under way beside each other");
  public static final Key<Duration> SOAK =
      KEYS.duration("soak", "5m", "how long a host must be healthy before it counts");
  public static final Key<Integer> MAX_FAILURES =
      KEYS.one(
          "max_failures", Parser.number(1, 999_999), "1", "so many failed hosts end the rollout");
  public static final Key<String> ON_FAILURE =
      KEYS.one(
          "on_failure",
          Parser.matching("pause|rollback", "\"pause\" or \"rollback\""),
          "pause",
          "what happens then");
  public static final Key<Boolean> APPROVE =
      KEYS.yesNo("approve", "whether somebody has to approve what the canaries run");
  public static final Key<Duration> DEADLINE =
      KEYS.duration("deadline", "10m", "without progress for so long, it pauses");

  private RolloutKeys() {}

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
    if (path.size() > 2 && !Environment.isValid(path.get(2))) {
      throw Json5.at(
          file,
          value.line(),
          "this is not a valid name of an environment: " + Printable.of(path.get(2)));
    }
    KEYS.check(file, value, path.subList(Math.min(3, path.size()), path.size()));
  }
}
