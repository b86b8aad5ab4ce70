package dev.s3dock.distribution;

import dev.s3dock.store.ByteRange;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the header {@code Range} of a request asks for (RFC 9110, section 14). */
public sealed interface RequestedRange {
  /** All: there is no such header, or none that this server follows, as it may. */
  record Whole() implements RequestedRange {}

  /** A run of bytes. */
  record Part(ByteRange range) implements RequestedRange {}

  /** Bytes that there are not. */
  record Unsatisfiable() implements RequestedRange {}

  Pattern SINGLE = Pattern.compile("(?i:bytes) ?= ?(\\d{0,18})-(\\d{0,18})");

  /**
   * Reads the header.
   *
   * @param header empty if there is none
   * @param size of what is asked for, in bytes
   */
  static RequestedRange of(String header, long size) {
    Matcher matcher = SINGLE.matcher(header.strip());
    if (!matcher.matches() || (matcher.group(1).isEmpty() && matcher.group(2).isEmpty())) {
      return new Whole();
    }
    if (matcher.group(1).isEmpty()) {
      long last = Math.min(size, Long.parseLong(matcher.group(2)));
      return last == 0 ? new Unsatisfiable() : new Part(new ByteRange(size - last, last));
    }
    long from = Long.parseLong(matcher.group(1));
    long to =
        matcher.group(2).isEmpty()
            ? size - 1
            : Math.min(size - 1, Long.parseLong(matcher.group(2)));
    if (!matcher.group(2).isEmpty() && Long.parseLong(matcher.group(2)) < from) {
      return new Whole(); // it means nothing
    }
    return from >= size ? new Unsatisfiable() : new Part(new ByteRange(from, to - from + 1));
  }
}
