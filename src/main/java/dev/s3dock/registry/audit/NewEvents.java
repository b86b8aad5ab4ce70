package dev.s3dock.registry.audit;

import dev.s3dock.registry.EventKey;
import dev.s3dock.store.ObjectKey;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The events that come after a moment. Each look lists the months that a key of now can be of, and
 * reads what was not there at the look before; so an event that is filed under a time long past, by
 * a machine whose clock is wrong, is not seen.
 */
public final class NewEvents {
  private static final Duration BACK = Duration.ofHours(1); // clocks differ
  private static final Duration LONG_PAST = Duration.ofDays(2); // no look lists so far back

  private final AuditSearch search;
  private final AuditQuery query;
  private final Clock clock;
  private final Instant start;
  private Set<ObjectKey> known = new HashSet<>();

  /** Takes note of what is there. */
  NewEvents(AuditSearch search, AuditQuery query, Clock clock) {
    this.search = search;
    this.query = query;
    this.clock = clock;
    this.start = clock.instant();
    keys().forEach(key -> known.add(key.key()));
  }

  private List<EventKey> keys() {
    return search.keys(query.from(clock.instant().minus(BACK)));
  }

  /** What was found otherwise is not new. */
  public void saw(AuditEntry entry) {
    if (entry.at().isAfter(start.minus(LONG_PAST))) {
      known.add(entry.key());
    }
  }

  /** Those that came since the last look, oldest first. */
  public List<AuditEntry> look() {
    List<EventKey> now = keys();
    List<AuditEntry> found = new ArrayList<>();
    search.readAll(
        query,
        now.stream().filter(key -> !known.contains(key.key())).iterator(),
        it -> found.add(it.entry()));
    known = new HashSet<>();
    now.forEach(key -> known.add(key.key()));
    found.sort(AuditEntry.OLDEST_FIRST);
    return found;
  }
}
