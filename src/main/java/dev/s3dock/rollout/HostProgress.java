package dev.s3dock.rollout;

import java.time.Instant;
import java.util.Optional;

/**
 * How far a host has got with a target. What is true once stays so.
 *
 * @param host its name, as keys have it
 * @param begun true if it is being brought live there, or was
 * @param healthy true if it was live and healthy there for as long as the plan says
 * @param failed true if it was not fit there, or did not stay healthy
 * @param seen when the host was last heard of, by the store's clock; empty if it never was
 */
public record HostProgress(
    String host, boolean begun, boolean healthy, boolean failed, Optional<Instant> seen) {
  static HostProgress unknown(String host) {
    return new HostProgress(host, false, false, false, Optional.empty());
  }

  HostProgress seen(Instant at) {
    return new HostProgress(
        host,
        begun,
        healthy,
        failed,
        seen.filter(before -> before.isAfter(at)).or(() -> Optional.of(at)));
  }

  HostProgress marked(String word, Instant at) {
    return new HostProgress(
            host,
            begun || word.equals(RolloutMarks.BEGUN),
            healthy || word.equals(RolloutMarks.HEALTHY),
            failed || word.equals(RolloutMarks.FAILED),
            seen)
        .seen(at);
  }

  /** True if nothing is under way there any more. */
  public boolean ended() {
    return healthy || failed;
  }
}
