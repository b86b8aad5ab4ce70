package dev.s3dock.registry.audit;

import dev.s3dock.registry.EventKey;
import dev.s3dock.registry.audit.AuditSearch.Found;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/** Keeps, of events, the newest few: by the minutes in their keys, within a minute by time. */
final class NewestEvents {
  private final int most;
  private final PriorityQueue<Found> kept =
      new PriorityQueue<>(
          Comparator.comparing((Found found) -> found.key().minute())
              .thenComparing(Found::entry, AuditEntry.OLDEST_FIRST));

  NewestEvents(int most) {
    this.most = most;
  }

  void add(Found found) {
    kept.add(found);
    if (kept.size() > most) {
      kept.remove();
    }
  }

  boolean isFull() {
    return kept.size() == most;
  }

  /** True if no event of this key's minute would be kept. */
  boolean isFullOfLaterThan(EventKey key) {
    return isFull() && kept.element().key().minute().compareTo(key.minute()) > 0;
  }

  List<AuditEntry> oldestFirst() {
    return kept.stream().map(Found::entry).sorted(AuditEntry.OLDEST_FIRST).toList();
  }
}
