package dev.s3dock.registry.audit;

import java.time.Instant;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * For how long an environment was at one image.
 *
 * @param image {@code app:stamp-hash}; empty if nothing tells what the version led to
 * @param version that was promoted; empty if an image was
 * @param from when it began; empty if that is not known, because no event tells
 * @param to when it ended; empty if it goes on, or that is not known
 * @param present true if it goes on
 * @param by who brought it; empty if that is not known
 * @param hosts on which it went live in that time
 */
public record Period(
    Optional<String> image,
    Optional<String> version,
    Optional<Instant> from,
    Optional<Instant> to,
    boolean present,
    Optional<String> by,
    SortedSet<String> hosts) {
  public Period {
    if (present && to.isPresent()) {
      throw new IllegalArgumentException("a period that goes on has no end: " + to.get());
    }
    hosts = new TreeSet<>(hosts);
  }

  /** One that began when somebody moved the environment. */
  static Period begun(Where where, Instant from, String by) {
    return new Period(
        where.image(),
        where.version(),
        Optional.of(from),
        Optional.empty(),
        false,
        Optional.of(by).filter(name -> !name.isEmpty()),
        new TreeSet<>());
  }

  /** One of which no event tells how it began. */
  static Period found(Where where) {
    return new Period(
        where.image(),
        where.version(),
        Optional.empty(),
        Optional.empty(),
        false,
        Optional.empty(),
        new TreeSet<>());
  }

  /** The same, which ended then. */
  Period until(Instant end) {
    return new Period(image, version, from, Optional.of(end), false, by, hosts);
  }

  /** The same, which goes on. */
  Period goingOn() {
    return new Period(image, version, from, Optional.empty(), true, by, hosts);
  }

  /** The same, and it went live on this host. */
  Period on(String host) {
    SortedSet<String> more = new TreeSet<>(hosts);
    more.add(host);
    return new Period(image, version, from, to, present, by, more);
  }

  Where where() {
    return new Where(image, version);
  }

  /**
   * What an environment is at.
   *
   * @param image {@code app:stamp-hash}; empty if nothing tells what the version led to
   * @param version empty if an image was promoted
   */
  record Where(Optional<String> image, Optional<String> version) {
    /** True if both may be the same: a version, or without one an image. */
    boolean isTargetOf(Where other) {
      boolean versioned = version.isPresent() || other.version().isPresent();
      return versioned ? version.equals(other.version()) : image.equals(other.image());
    }
  }
}
