package dev.s3dock.cli.progress;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/** How fast something goes on: what was done in the last seconds, so that a stall shows. */
final class Pace {
  private static final long BETWEEN = Duration.ofMillis(500).toNanos();
  private static final long WINDOW = Duration.ofSeconds(10).toNanos();
  private static final double SECOND = Duration.ofSeconds(1).toNanos();

  private final Deque<Mark> marks = new ArrayDeque<>();

  private record Mark(long nanos, long done) {}

  /** Begins at this moment, with nothing done. */
  Pace(long nanos) {
    marks.add(new Mark(nanos, 0));
  }

  /** Takes note of how much is done by now; moments do not go back. */
  synchronized void at(long nanos, long done) {
    if (nanos - marks.getLast().nanos < BETWEEN) {
      return;
    }
    marks.add(new Mark(nanos, done));
    while (marks.size() > 2 && nanos - marks.getFirst().nanos > WINDOW) {
      marks.removeFirst();
    }
  }

  /** Bytes in a second; empty until that can be told. */
  synchronized Optional<Long> perSecond() {
    Mark first = marks.getFirst();
    Mark last = marks.getLast();
    return first.equals(last)
        ? Optional.empty()
        : Optional.of(Math.round((last.done - first.done) / ((last.nanos - first.nanos) / SECOND)));
  }

  /** How long so many more bytes take; empty if that cannot be told. */
  Optional<Duration> timeFor(long bytes) {
    return perSecond()
        .filter(speed -> speed > 0)
        .map(speed -> Duration.ofSeconds(Math.ceilDiv(Math.max(0, bytes), speed)));
  }
}
