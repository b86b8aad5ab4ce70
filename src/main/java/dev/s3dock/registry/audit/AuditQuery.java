package dev.s3dock.registry.audit;

import dev.s3dock.image.AppName;
import dev.s3dock.image.Environment;
import dev.s3dock.registry.EventKey;
import java.time.Duration;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.Set;

/**
 * Which events of an app are wanted.
 *
 * @param since none before this; empty for all from the first one on
 * @param until none at or after this; empty for all up to the last one
 * @param types such as {@code promotion}; none for all
 * @param environment that they are about
 * @param user who did it, as written
 */
public record AuditQuery(
    AppName app,
    Optional<Instant> since,
    Optional<Instant> until,
    Set<String> types,
    Optional<Environment> environment,
    Optional<String> user) {
  /**
   * The original names its events by the local time of its machine, which is up to so far ahead of
   * UTC, or behind.
   */
  static final Duration AHEAD = Duration.ofHours(14);

  static final Duration BEHIND = Duration.ofHours(12).plusMinutes(1); // and cut to a minute

  public AuditQuery {
    types = Set.copyOf(types);
  }

  /** All events of these types, of none in particular for all. */
  static AuditQuery of(AppName app, Set<String> types) {
    return new AuditQuery(
        app, Optional.empty(), Optional.empty(), types, Optional.empty(), Optional.empty());
  }

  /** The same, of all that happened from then on. */
  AuditQuery from(Instant start) {
    return new AuditQuery(app, Optional.of(start), until, types, environment, user);
  }

  /** True if an event of this month may be wanted. */
  boolean mayHold(YearMonth month) {
    return since.map(start -> !month.isBefore(month(start.minus(BEHIND)))).orElse(true)
        && until.map(end -> !month.isAfter(month(end.plus(AHEAD)))).orElse(true);
  }

  /** True if the event of this key may be wanted. */
  boolean mayHold(EventKey key) {
    return (types.isEmpty() || types.contains(key.event()))
        && since.map(start -> !key.at().isBefore(start.minus(BEHIND))).orElse(true)
        && until.map(end -> key.at().isBefore(end.plus(AHEAD))).orElse(true);
  }

  private static YearMonth month(Instant at) {
    return YearMonth.from(at.atOffset(ZoneOffset.UTC));
  }

  /**
   * True if it is wanted. What is damaged cannot tell whose it is; it is wanted by anybody who
   * looks at its time.
   */
  boolean isFor(AuditEntry entry) {
    if (since.map(entry.at()::isBefore).orElse(false)
        || until.map(end -> !entry.at().isBefore(end)).orElse(false)) {
      return false;
    }
    return switch (entry) {
      case AuditEntry.Damaged ignored -> true;
      case AuditEntry.Event event ->
          environment.map(event::isOf).orElse(true) && user.map(event.user()::equals).orElse(true);
    };
  }
}
