package dev.s3dock.transfer;

import dev.s3dock.store.ByteRange;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Which bytes of a file are there. For several threads. */
public final class Coverage {
  private final long size;
  private final TreeMap<Long, Long> spans = new TreeMap<>(); // first byte to the one past the last

  public Coverage(long size) {
    this.size = size;
  }

  /** These bytes are there now. */
  public synchronized void add(long offset, long length) {
    if (offset < 0 || length < 1 || offset > size - length) {
      throw new IllegalArgumentException(offset + "+" + length + " of " + size + " bytes");
    }
    long from = offset;
    long to = offset + length;
    Map.Entry<Long, Long> before = spans.floorEntry(from);
    if (before != null && before.getValue() >= from) {
      from = before.getKey();
      to = Math.max(to, before.getValue());
    }
    for (Map.Entry<Long, Long> next = spans.ceilingEntry(from);
        next != null && next.getKey() <= to;
        next = spans.ceilingEntry(from)) {
      to = Math.max(to, next.getValue());
      spans.remove(next.getKey());
    }
    spans.put(from, to);
  }

  /** How many bytes are there. */
  public synchronized long bytes() {
    return spans.entrySet().stream().mapToLong(span -> span.getValue() - span.getKey()).sum();
  }

  /**
   * What is missing, in order. Parts that are closer together than {@code near} are one range: a
   * request more costs more than some bytes too many.
   *
   * @param most bytes of one range
   */
  public synchronized List<ByteRange> missing(long near, long most) {
    List<long[]> gaps = new ArrayList<>();
    long end = 0;
    spans.put(size, size); // the last gap ends here
    for (Map.Entry<Long, Long> span : spans.entrySet()) {
      if (span.getKey() > end) {
        if (!gaps.isEmpty() && end - gaps.getLast()[1] < near) {
          gaps.getLast()[1] = span.getKey();
        } else {
          gaps.add(new long[] {end, span.getKey()});
        }
      }
      end = span.getValue();
    }
    spans.remove(size, size);
    List<ByteRange> ranges = new ArrayList<>();
    for (long[] gap : gaps) {
      for (long at = gap[0]; at < gap[1]; at += most) {
        ranges.add(new ByteRange(at, Math.min(most, gap[1] - at)));
      }
    }
    return ranges;
  }
}
