package dev.s3dock.registry.gc;

import java.time.Duration;
import java.util.Optional;

/**
 * Which images of an app may go: those that every rule here lets go, and that nothing needs. With
 * no rule at all no image goes.
 *
 * @param keepLast so many of the newest commits stay
 * @param olderThan what is younger stays
 * @param keepTagged all that has no version may go, unless another rule keeps it. What has a
 *     version stays in any case
 * @param targets the last so many images that each environment was at stay, to go back to
 * @param asideFor how long stays what was set aside when it was replaced; empty for ever
 */
public record Retention(
    Optional<Integer> keepLast,
    Optional<Duration> olderThan,
    boolean keepTagged,
    int targets,
    Optional<Duration> asideFor) {
  /** Nothing younger goes, whatever the rules say. */
  public static final Duration GRACE = Duration.ofHours(24);

  /** True if there is a rule by which images go. */
  public boolean letsImagesGo() {
    return keepLast.isPresent() || olderThan.isPresent() || keepTagged;
  }

  /** How old an image must be to go. */
  Duration age() {
    return olderThan.filter(age -> age.compareTo(GRACE) > 0).orElse(GRACE);
  }
}
