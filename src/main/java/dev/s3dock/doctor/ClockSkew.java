package dev.s3dock.doctor;

import dev.s3dock.store.StoreException;
import java.time.Duration;
import java.time.Instant;

/** This machine's clock against that of the store. */
final class ClockSkew {
  private static final String CHECK = "clock";

  /** A store tells its time in whole seconds, and pointers and events are signed with ours. */
  private static final Duration BEARABLE = Duration.ofMinutes(1);

  /** S3 refuses requests that are older or newer (Amazon S3, "RequestTimeTooSkewed"). */
  private static final Duration REFUSED = Duration.ofMinutes(15);

  private ClockSkew() {}

  /**
   * Judges the difference.
   *
   * @param told by the store, between {@code before} and {@code after} by this machine's clock
   */
  static CheckResult between(Instant told, Instant before, Instant after) {
    Instant here = before.plus(Duration.between(before, after).dividedBy(2));
    Duration ahead = Duration.between(told, here);
    Duration skew = ahead.abs();
    if (skew.compareTo(BEARABLE) <= 0) {
      return CheckResult.ok(CHECK, "within a minute of the store's");
    }
    String text =
        "this machine's clock is %s %s that of the store; set it (chrony, systemd-timesyncd or ntpd keep it right)"
            .formatted(words(skew), ahead.isNegative() ? "behind" : "ahead of");
    return skew.compareTo(REFUSED) <= 0
        ? CheckResult.warning(CHECK, text)
        : CheckResult.failure(
            CHECK,
            new StoreException(
                StoreException.Kind.ACCESS_DENIED, text + ": S3 refuses more than 15 minutes"));
  }

  private static String words(Duration skew) {
    return skew.toHours() > 0
        ? "%d h %d min".formatted(skew.toHours(), skew.toMinutesPart())
        : "%d min %d s".formatted(skew.toMinutes(), skew.toSecondsPart());
  }
}
