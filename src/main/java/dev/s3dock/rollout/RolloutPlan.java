package dev.s3dock.rollout;

import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How a promotion is to reach the hosts, as somebody asks for it.
 *
 * @param canary the hosts that come first, {@code label=NAME} or {@code host=NAME}; empty for none
 * @param batch how many hosts may be under way beside each other: a number, or a share of all such
 *     as {@code 25%}
 * @param soak how long a host must have been healthy before it counts
 * @param maxFailures so many failed hosts end the rollout; at least 1
 * @param onFailure what happens then
 * @param approve true if somebody has to approve what the canaries run before others follow
 * @param deadline without progress for so long, the soak not counted, the rollout is paused
 */
public record RolloutPlan(
    Optional<String> canary,
    String batch,
    Duration soak,
    int maxFailures,
    OnFailure onFailure,
    boolean approve,
    Duration deadline) {
  /** What a canary may be called by. */
  public static final String CANARY = "(label=|host=)?[A-Za-z0-9][A-Za-z0-9._-]{0,62}";

  /** What a batch may be. */
  public static final String BATCH = "[1-9]\\d{0,5}|([1-9]\\d?|100)%";

  private static final Pattern SHARE = Pattern.compile("(\\d+)%");
  private static final String LABEL = "label=";
  private static final String HOST = "host=";

  /** What happens when too many hosts have failed. */
  public enum OnFailure {
    /** Hosts that are done stay, the others stay where they were. */
    PAUSE,
    /** The environment goes back, and all hosts at once with it. */
    ROLLBACK;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }

    /** Reads it. */
    public static OnFailure parse(String text) {
      return valueOf(text.toUpperCase(Locale.ROOT));
    }
  }

  public RolloutPlan {
    if (!batch.matches(BATCH) || maxFailures < 1 || !canary.orElse("a").matches(CANARY)) {
      throw new IllegalArgumentException(
          "batch %s, max_failures %d, canary %s".formatted(batch, maxFailures, canary));
    }
    canary = canary.map(text -> text.contains("=") ? text : LABEL + text);
  }

  /** How many of so many hosts may be under way beside each other; one at least. */
  int atOnce(int hosts) {
    Matcher share = SHARE.matcher(batch);
    return share.matches()
        ? Math.max(1, (int) ((long) hosts * Integer.parseInt(share.group(1)) / 100))
        : Integer.parseInt(batch);
  }

  /** The label that canaries have; empty if they are named otherwise. */
  Optional<String> canaryLabel() {
    return canary.filter(it -> it.startsWith(LABEL)).map(it -> it.substring(LABEL.length()));
  }

  /** The host that is the canary; empty if canaries are named otherwise. */
  Optional<String> canaryHost() {
    return canary.filter(it -> it.startsWith(HOST)).map(it -> it.substring(HOST.length()));
  }
}
