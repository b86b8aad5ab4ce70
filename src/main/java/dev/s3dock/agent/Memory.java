package dev.s3dock.agent;

import dev.s3dock.registry.report.FailedTarget;
import java.time.Duration;
import java.util.Optional;

/**
 * What an agent remembers of one service from look to look. Of this, the host's report keeps what
 * went live and what failed; all else may be forgotten.
 *
 * @param live the target that went live last; empty text if none is known
 * @param failed the target that is not tried again
 * @param tried the target that was tried last; empty text if none was
 * @param tries how often in a row, without success
 * @param notBefore when it may be tried again; by a clock that only this process knows
 * @param badLooks how many looks in a row have found the app not healthy
 * @param recorded false if what is live may have no event of its deployment
 */
record Memory(
    String live,
    Optional<FailedTarget> failed,
    String tried,
    int tries,
    Duration notBefore,
    int badLooks,
    boolean recorded) {
  private static final Duration FIRST_PAUSE = Duration.ofSeconds(10);
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(10);
  private static final int MOST_DOUBLINGS = 10;

  static final Memory NONE = new Memory("", Optional.empty(), "", 0, Duration.ZERO, 0, true);

  /** A target is live and healthy. */
  Memory isLive(String target) {
    return new Memory(
        target, failed.filter(it -> !it.target().equals(target)), "", 0, Duration.ZERO, 0, true);
  }

  /** A target was tried in vain, for a reason that may pass. */
  Memory pauses(String target, Duration now) {
    int more = tried.equals(target) ? tries + 1 : 1;
    Duration pause = FIRST_PAUSE.multipliedBy(1L << Math.min(more - 1, MOST_DOUBLINGS));
    return new Memory(
        live,
        failed,
        target,
        more,
        now.plus(pause.compareTo(LONGEST_PAUSE) < 0 ? pause : LONGEST_PAUSE),
        badLooks,
        recorded);
  }

  /** A target is not to be tried again. */
  Memory gaveUp(FailedTarget target) {
    return new Memory(live, Optional.of(target), "", 0, Duration.ZERO, badLooks, recorded);
  }

  /** What has failed may be tried again. */
  Memory retries() {
    return new Memory(live, Optional.empty(), "", 0, Duration.ZERO, badLooks, recorded);
  }

  /** A look has found the app healthy, or not. */
  Memory looked(boolean healthy) {
    return new Memory(live, failed, tried, tries, notBefore, healthy ? 0 : badLooks + 1, recorded);
  }

  Memory recorded(boolean is) {
    return new Memory(live, failed, tried, tries, notBefore, badLooks, is);
  }
}
