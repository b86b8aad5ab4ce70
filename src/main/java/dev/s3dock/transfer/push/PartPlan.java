package dev.s3dock.transfer.push;

import dev.s3dock.archive.write.ChunkIndex.Place;
import dev.s3dock.archive.write.Segment;
import dev.s3dock.store.MultipartUpload;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * How an archive is put together, part by part, out of stored archives and new bytes. {@code
 * docs/transfers.md} has the picture.
 *
 * <p>S3 wants 5 MiB of every part but the last. So a short run of new bytes between long stored
 * ones cannot be a part of its own: the last 5 MiB before it and the new bytes are made an object
 * of their own first, in which the new bytes are the last part and may be short, and that object is
 * copied as one part.
 */
final class PartPlan {
  private static final long MIN = MultipartUpload.MIN_PART_BYTES;

  /** Stored runs shorter than this beside new bytes are sent: two more joins cost as much time. */
  private static final long WORTH = 1 << 20;

  /** What a join costs, about five requests, as bytes that could be sent in that time. */
  private static final long JOIN_COST = 512 << 10;

  /** What one part sends at most, unless its upload needs larger ones. */
  static final long SEND_BYTES = 16 << 20;

  /** What one part copies at most. */
  static final long TAKE_BYTES = 64 << 20;

  /** One part of the new object, in bytes. */
  sealed interface Part {
    long length();

    /** True if bytes are copied that the packed image has too, so that the two can be compared. */
    default boolean isProvable() {
      return false;
    }
  }

  /** New bytes, sent. */
  record Send(long length) implements Part {}

  /**
   * Bytes of a stored archive, copied.
   *
   * @param local true if the packed image has them too
   */
  record Take(Place from, long length, boolean local) implements Part {
    @Override
    public boolean isProvable() {
      return local;
    }
  }

  /**
   * Two runs, made one in a temporary object.
   *
   * @param first of 5 MiB or more
   */
  record Joined(Part first, Part last) implements Part {
    @Override
    public long length() {
      return first.length() + last.length();
    }

    @Override
    public boolean isProvable() {
      return first.isProvable() || last.isProvable();
    }
  }

  private final List<Part> parts = new ArrayList<>();
  private final long scale;

  private PartPlan(long total) {
    // 10,000 parts at the most, so those of very large archives are larger
    this.scale = Math.ceilDiv(total, SEND_BYTES * (MultipartUpload.MAX_PARTS / 2));
  }

  /** The parts, in order, that move the fewest bytes for what they cost. */
  static List<Part> of(List<Segment> segments) {
    return of(segments, true);
  }

  /**
   * As {@link #of(List)}, for a run of an archive.
   *
   * @param last true if the archive ends with it; of any other run, no part may be short
   */
  static List<Part> of(List<Segment> segments, boolean last) {
    List<Part> composed = plan(merge(segments, true), last);
    List<Part> sent = plan(merge(segments, false), last);
    return cost(composed) < cost(sent) ? composed : sent;
  }

  /** Sends everything that is not known from the stored archive alone. */
  static List<Part> sendAll(List<Segment> segments) {
    return plan(merge(segments, false), true);
  }

  /** The pieces between two places. */
  static List<Segment> slice(List<Segment> segments, long start, long end) {
    List<Segment> slice = new ArrayList<>();
    long at = 0;
    for (Segment segment : segments) {
      long from = Math.max(start - at, 0);
      long to = Math.min(end - at, segment.length());
      if (from < to) {
        slice.add(from(upTo(segment, to), from));
      }
      at += segment.length();
    }
    return slice;
  }

  /** Bytes that are sent for these parts. */
  static long sent(Collection<Part> parts) {
    return parts.stream().mapToLong(PartPlan::sent).sum();
  }

  private static long sent(Part part) {
    return switch (part) {
      case Send send -> send.length();
      case Take take -> 0;
      case Joined joined -> sent(joined.first()) + sent(joined.last());
    };
  }

  private static long cost(List<Part> parts) {
    return sent(parts) + JOIN_COST * parts.stream().mapToLong(PartPlan::joins).sum();
  }

  private static long joins(Part part) {
    return part instanceof Joined joined ? 1 + joins(joined.first()) : 0;
  }

  /** Forgets that bytes are stored where copying them is no gain, and makes neighbours one. */
  private static List<Segment> merge(List<Segment> segments, boolean copying) {
    List<Segment> merged = new ArrayList<>();
    for (int i = 0; i < segments.size(); i++) {
      Segment segment = segments.get(i);
      boolean besideNew =
          (i > 0 && segments.get(i - 1).held().isEmpty())
              || (i + 1 < segments.size() && segments.get(i + 1).held().isEmpty());
      boolean send = segment.local() && (!copying || (besideNew && segment.length() < WORTH));
      Segment next = send ? fresh(segment.length()) : segment;
      if (next.held().isEmpty() && !merged.isEmpty() && merged.getLast().held().isEmpty()) {
        next = fresh(merged.removeLast().length() + next.length());
      }
      merged.add(next);
    }
    return merged;
  }

  private static Segment fresh(long length) {
    return new Segment(length, Optional.empty(), true);
  }

  private static List<Part> plan(List<Segment> merged, boolean last) {
    List<Segment> segments = withLongBeginning(merged);
    PartPlan plan = new PartPlan(segments.stream().mapToLong(Segment::length).sum());
    int next;
    for (int i = 0; i < segments.size(); i = next) {
      next = i + 1;
      while (next < segments.size() && segments.get(next).length() < MIN) {
        next++;
      }
      plan.add(segments.get(i), segments.subList(i + 1, next), last && next == segments.size());
    }
    return plan.parts;
  }

  /**
   * Nothing comes before the first bytes that they could be joined to: they take in what follows.
   */
  private static List<Segment> withLongBeginning(List<Segment> merged) {
    List<Segment> segments = new ArrayList<>(merged);
    while (segments.size() > 1 && segments.getFirst().length() < MIN) {
      long first = segments.removeFirst().length();
      Segment second = segments.removeFirst();
      long taken =
          second.held().isEmpty() ? second.length() : Math.min(MIN - first, second.length());
      if (taken < second.length()) {
        segments.addFirst(from(second, taken));
      }
      segments.addFirst(fresh(first + taken));
    }
    return segments;
  }

  private static Segment from(Segment segment, long start) {
    return new Segment(
        segment.length() - start,
        segment.held().map(place -> new Place(place.archive(), place.offset() + start)),
        segment.local());
  }

  private static Segment upTo(Segment segment, long end) {
    return new Segment(end, segment.held(), segment.local());
  }

  /**
   * Adds a long run and the short ones after it.
   *
   * @param last true if nothing follows, so that the last part may be short
   */
  private void add(Segment run, List<Segment> followers, boolean last) {
    int joins = last ? followers.size() - 1 : followers.size();
    if (joins > 0) {
      long tail = run.length() >= 2 * MIN ? MIN : run.length();
      if (tail < run.length()) {
        split(upTo(run, run.length() - tail));
      }
      Part joined = part(from(run, run.length() - tail));
      for (Segment follower : followers.subList(0, joins)) {
        joined = new Joined(joined, part(follower));
      }
      parts.add(joined);
    } else {
      split(run);
    }
    if (last && !followers.isEmpty()) {
      parts.add(part(followers.getLast()));
    }
  }

  private static Part part(Segment segment) {
    return segment
        .held()
        .<Part>map(place -> new Take(place, segment.length(), segment.local()))
        .orElseGet(() -> new Send(segment.length()));
  }

  /** Equal parts, so that none is shorter than S3 allows. */
  private void split(Segment run) {
    long most = scale * (run.held().isPresent() ? TAKE_BYTES : SEND_BYTES);
    long count = Math.ceilDiv(run.length(), most);
    long start = 0;
    for (long i = 1; i <= count; i++) {
      long end = run.length() * i / count;
      parts.add(part(upTo(from(run, start), end - start)));
      start = end;
    }
  }
}
