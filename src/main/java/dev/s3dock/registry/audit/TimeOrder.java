package dev.s3dock.registry.audit;

import dev.s3dock.registry.audit.AuditSearch.Found;
import java.time.Instant;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.function.Consumer;

/**
 * Puts events that come in the order of their keys into the order of time: keys tell no seconds,
 * and those of the original the local time of some machine. An event is held back until no earlier
 * one can come. Where so many events lie within a day that holding them would take too much memory,
 * the oldest goes on earlier; that keeps the order of events whose keys are in UTC.
 */
final class TimeOrder {
  private static final int MOST_EVENTS = 2_000;
  private static final long MOST_BYTES = 4 << 20;

  private final Consumer<AuditEntry> consumer;
  private final PriorityQueue<Found> held =
      new PriorityQueue<>(Comparator.comparing(Found::entry, AuditEntry.OLDEST_FIRST));
  private long bytes;

  TimeOrder(Consumer<AuditEntry> consumer) {
    this.consumer = consumer;
  }

  void add(Found found) {
    Instant earliestToCome = found.key().at().minus(AuditQuery.AHEAD);
    while (!held.isEmpty() && held.element().entry().at().isBefore(earliestToCome)) {
      handOn();
    }
    held.add(found);
    bytes += found.bytes();
    while (held.size() > MOST_EVENTS || bytes > MOST_BYTES) {
      handOn();
    }
  }

  /** Hands on the rest. */
  void end() {
    while (!held.isEmpty()) {
      handOn();
    }
  }

  private void handOn() {
    Found oldest = held.remove();
    bytes -= oldest.bytes();
    consumer.accept(oldest.entry());
  }
}
