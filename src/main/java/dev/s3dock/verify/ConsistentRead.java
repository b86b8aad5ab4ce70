package dev.s3dock.verify;

import dev.s3dock.store.ETag;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.ObjectStat;
import dev.s3dock.store.ObjectStore;
import dev.s3dock.store.StoreException;
import dev.s3dock.verify.Finding.Severity;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * Looks again before anything is called damaged. What several objects say together is only true if
 * none of them has changed while they were read; so after an alarm their states are compared with
 * those that it is based on, and if one is another by now, all is looked at anew.
 *
 * <p>Where one of the objects was written within the last hour, a command may be between two of its
 * steps: a push has written its archive and not yet the metadata, a promotion has written a pointer
 * that it will take back. Such a command gets {@link #PAUSES} to go on. Where many objects were
 * waited for in vain, it is no command that has put them into their state, and no more are.
 */
final class ConsistentRead {
  /** How long a command that may be under way is waited for, in steps. */
  static final List<Duration> PAUSES =
      List.of(
          Duration.ofSeconds(1),
          Duration.ofSeconds(2),
          Duration.ofSeconds(4),
          Duration.ofSeconds(8));

  private static final Duration YOUNG = Duration.ofHours(1);
  private static final int MAX_LOOKS = 5;
  private static final int MAX_IN_VAIN = 32;

  private final ObjectStore store;
  private final Clock clock;
  private final Pause pause;
  private final AtomicInteger inVain = new AtomicInteger();

  /** Lets time pass. */
  @FunctionalInterface
  public interface Pause {
    /** Returns after that long; throws if the thread is interrupted meanwhile. */
    void of(Duration time);
  }

  public ConsistentRead(ObjectStore store, Clock clock, Pause pause) {
    this.store = store;
    this.clock = clock;
    this.pause = pause;
  }

  /**
   * What was found at one look.
   *
   * @param seen the states of the objects that this is based on; empty where there was none
   * @param alarming false if it may be told as it is
   * @param changed true if something is known to have changed under the look
   */
  public record Look(
      List<Finding> findings,
      Map<ObjectKey, Optional<ETag>> seen,
      boolean alarming,
      boolean changed) {
    public Look {
      findings = List.copyOf(findings);
      seen = Map.copyOf(seen);
    }

    /** A look that anything but notes make alarming. */
    public static Look of(List<Finding> findings, Map<ObjectKey, Optional<ETag>> seen) {
      return new Look(
          findings,
          seen,
          findings.stream().anyMatch(finding -> finding.severity() != Severity.NOTE),
          false);
    }

    /** A look that has to be confirmed, whatever it says. */
    public static Look doubtful(List<Finding> findings, Map<ObjectKey, Optional<ETag>> seen) {
      return new Look(findings, seen, true, false);
    }

    /** A look that was overtaken. */
    public static Look overtaken() {
      return new Look(List.of(), Map.of(), true, true);
    }
  }

  /**
   * What is found at a look that holds.
   *
   * @param key that tells what was looked at, should it never hold still
   */
  public List<Finding> confirm(ObjectKey key, Supplier<Look> look) {
    for (int looks = 1; looks <= MAX_LOOKS; looks++) {
      Look now = look.get();
      if (!now.alarming() || (!now.changed() && holds(now.seen()))) {
        return now.findings();
      }
    }
    return List.of(
        Finding.notChecked(key.value(), "changed %d times while it was read".formatted(MAX_LOOKS)));
  }

  private boolean holds(Map<ObjectKey, Optional<ETag>> seen) {
    Instant settled = clock.instant().minus(YOUNG);
    for (int pauses = 0; ; pauses++) {
      boolean young = false;
      for (Map.Entry<ObjectKey, Optional<ETag>> entry : seen.entrySet()) {
        Optional<ObjectStat> now = store.head(entry.getKey());
        if (!now.map(ObjectStat::etag).equals(entry.getValue())) {
          return false;
        }
        young |= now.filter(stat -> stat.lastModified().isAfter(settled)).isPresent();
      }
      if (!young || inVain.get() >= MAX_IN_VAIN) {
        return true;
      }
      if (pauses == PAUSES.size()) {
        inVain.incrementAndGet();
        return true;
      }
      pause.of(PAUSES.get(pauses));
    }
  }

  /**
   * The error if the store will not tell of other objects either; else what is told of this one.
   */
  public static List<Finding> notChecked(String key, StoreException reason) {
    return switch (reason.kind()) {
      case NO_BUCKET, WRONG_REGION -> throw reason;
      default -> List.of(Finding.notChecked(key, String.valueOf(reason.getMessage())));
    };
  }
}
