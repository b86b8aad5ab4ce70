package dev.s3dock.registry.audit;

import dev.s3dock.registry.BucketLayout;
import dev.s3dock.registry.EventKey;
import dev.s3dock.store.ObjectKey;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

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
  private final Map<ObjectKey, Instant> known = new HashMap<>();
  private Instant latest;

  /** Takes note of what is there. */
  NewEvents(AuditSearch search, AuditQuery query, Clock clock) {
    this.search = search;
    this.query = query;
    this.clock = clock;
    this.start = clock.instant();
    this.latest = start;
    keys().forEach(this::know);
  }

  private List<EventKey> keys() {
    return search.keys(query.from(clock.instant().minus(BACK)));
  }

  private void know(EventKey key) {
    known.put(key.key(), key.at());
  }

  /** What was found otherwise is not new. Its key counts: its own time may be any. */
  public void saw(AuditEntry entry) {
    BucketLayout.parseEvent(entry.key())
        .filter(key -> key.at().isAfter(start.minus(LONG_PAST)))
        .ifPresent(this::know);
  }

  /** Those that came since the last look, oldest first. */
  public List<AuditEntry> look() {
    List<EventKey> now = keys();
    List<AuditEntry> found = new ArrayList<>();
    search.readAll(
        query,
        now.stream().filter(key -> !known.containsKey(key.key())).iterator(),
        it -> found.add(it.entry()));
    now.forEach(this::know);
    forget();
    found.sort(AuditEntry.OLDEST_FIRST);
    return found;
  }

  /** Only what no look lists any more, even after the clock was set back by a day. */
  private void forget() {
    Instant now = clock.instant();
    latest = now.isAfter(latest) ? now : latest;
    Instant oldest = latest.minus(LONG_PAST);
    known.values().removeIf(at -> at.isBefore(oldest));
  }
}
