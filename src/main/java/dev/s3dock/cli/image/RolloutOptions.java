package dev.s3dock.cli.image;

import dev.s3dock.cli.invocation.UsageException;
import dev.s3dock.config.Key;
import dev.s3dock.config.RolloutKeys;
import dev.s3dock.config.RolloutValues;
import dev.s3dock.image.Printable;
import dev.s3dock.registry.promotion.Promotions.Promoted;
import dev.s3dock.rollout.RolloutPlan;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How a promotion is to reach the hosts; what no option says, the configuration does. */
final class RolloutOptions {
  @Option(
      names = "--canary",
      paramLabel = "label=NAME|host=NAME",
      description = "Begin a rollout with the hosts of this label, or with this host.")
  @Nullable String canary;

  @Option(
      names = "--batch",
      paramLabel = "N|N%",
      description =
          "How many hosts may be under way beside each other, or which share of them (default: 25%%).")
  @Nullable String batch;

  @Option(
      names = "--soak",
      paramLabel = "TIME",
      description = "How long a host must be healthy before it counts (default: 5m).")
  @Nullable String soak;

  @Option(
      names = "--max-failures",
      paramLabel = "N",
      description = "So many failed hosts end the rollout (default: 1).")
  @Nullable String maxFailures;

  @Option(
      names = "--on-failure",
      paramLabel = "pause|rollback",
      description = "What happens then (default: pause).")
  @Nullable String onFailure;

  @Option(
      names = "--approve",
      description = "Wait for s3dock rollout approve once the canaries are healthy.")
  boolean approve;

  @Option(
      names = "--deadline",
      paramLabel = "TIME",
      description = "Pause after so long without progress, the soak not counted (default: 10m).")
  @Nullable String deadline;

  @Option(
      names = "--at-once",
      description = "Let all hosts follow at once, whatever the configuration says.")
  boolean atOnce;

  /**
   * The plan; empty if all hosts follow at once.
   *
   * @throws UsageException if an option makes no sense
   */
  Optional<RolloutPlan> plan(RolloutValues values) {
    boolean asked =
        approve
            || Stream.of(canary, batch, soak, maxFailures, onFailure, deadline)
                .anyMatch(text -> text != null);
    if (atOnce && asked) {
      throw new UsageException("--at-once goes with no option of a rollout");
    }
    if (atOnce || (!asked && !values.isSaid())) {
      return Optional.empty();
    }
    return Optional.of(
        new RolloutPlan(
            canary == null
                ? values.get(RolloutKeys.CANARY, Optional.empty())
                : Optional.of(value("--canary", canary, RolloutKeys.CANARY, values)),
            value("--batch", batch, RolloutKeys.BATCH, values),
            value("--soak", soak, RolloutKeys.SOAK, values),
            value("--max-failures", maxFailures, RolloutKeys.MAX_FAILURES, values),
            RolloutPlan.OnFailure.parse(
                value("--on-failure", onFailure, RolloutKeys.ON_FAILURE, values)),
            approve || values.get(RolloutKeys.APPROVE, Optional.empty()).orElse(false),
            value("--deadline", deadline, RolloutKeys.DEADLINE, values)));
  }

  private static <T> T value(
      String option, @Nullable String text, Key<T> key, RolloutValues values) {
    return values
        .get(key, Optional.ofNullable(text))
        .orElseThrow(
            () ->
                new UsageException(
                    "%s must be %s, not %s"
                        .formatted(option, key.words(), Printable.of(String.valueOf(text)))));
  }

  /** Where it goes on. */
  String note(Promoted promoted) {
    return "; its hosts follow one after the other: s3dock rollout status %s %s"
        .formatted(promoted.image().app(), promoted.environment());
  }
}
