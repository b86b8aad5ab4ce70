package dev.s3dock.transfer.push;

import dev.s3dock.archive.write.Segment;
import dev.s3dock.store.MultipartUpload;
import dev.s3dock.transfer.push.PartPlan.Part;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Which parts, under which numbers, make an archive of which some parts are there already: {@code
 * docs/transfers.md} explains it.
 *
 * <p>What lies between two parts that are there is composed as an archive of its own would be. It
 * has to begin with a run of 5 MiB, which what is short can be joined to; where it does not, the
 * copied part before it is made anew.
 */
final class PartPlanner {
  private static final long MIN = MultipartUpload.MIN_PART_BYTES;

  /**
   * One part of the archive.
   *
   * @param uploaded true if it is there
   */
  record Step(int number, Part part, boolean uploaded) {}

  /**
   * A part that is there, at its place.
   *
   * @param start in the archive
   * @param part a copied one can be done without, one that was sent cannot
   */
  record Placed(int number, long start, Part part) {
    long end() {
      return start + part.length();
    }

    boolean isCopied() {
      return part instanceof PartPlan.Take;
    }
  }

  private final List<Segment> segments;
  private final long total;
  private final List<Placed> there;
  private final List<Step> steps = new ArrayList<>();
  private int obstacle; // number of the gap that is being filled: of the part after it

  private PartPlanner(List<Segment> segments, List<Placed> there) {
    this.segments = segments;
    this.total = segments.stream().mapToLong(Segment::length).sum();
    this.there = new ArrayList<>(there);
  }

  /** The steps to make an archive of these parts alone. */
  static List<Step> of(List<Part> parts) {
    List<Step> steps = new ArrayList<>();
    parts.forEach(part -> steps.add(new Step(steps.size() + 1, part, false)));
    return steps;
  }

  /**
   * The steps to make the archive around what is there.
   *
   * @param there in the order of their places, none over another
   * @return empty if these parts do not fit together
   */
  static Optional<List<Step>> around(List<Segment> segments, List<Placed> there) {
    PartPlanner partPlanner = new PartPlanner(segments, inOrder(there));
    while (!partPlanner.fill()) {
      if (!partPlanner.giveUpOne()) {
        return Optional.empty();
      }
    }
    return Optional.of(List.copyOf(partPlanner.steps));
  }

  /** Leaves out copied parts whose number or place collides with that of another one. */
  private static List<Placed> inOrder(List<Placed> there) {
    List<Placed> kept = new ArrayList<>();
    for (Placed next : there) {
      while (!kept.isEmpty() && !fits(kept.getLast(), next) && kept.getLast().isCopied()) {
        kept.removeLast();
      }
      if (kept.isEmpty() || fits(kept.getLast(), next) || !next.isCopied()) {
        kept.add(next);
      }
    }
    return kept;
  }

  private static boolean fits(Placed before, Placed next) {
    return before.number() < next.number() && before.end() <= next.start();
  }

  /** True if every gap could be filled; the one that could not is noted. */
  private boolean fill() {
    steps.clear();
    int number = 0;
    long at = 0;
    for (obstacle = 0; obstacle < there.size(); obstacle++) {
      Placed next = there.get(obstacle);
      if (!fillGap(number, at, next.start(), next.number(), false)) {
        return false;
      }
      steps.add(new Step(next.number(), next.part(), true));
      number = next.number();
      at = next.end();
    }
    return fillGap(number, at, total, MultipartUpload.MAX_PARTS + 1, true);
  }

  private boolean fillGap(int numberBefore, long start, long end, int numberAfter, boolean last) {
    if (start >= end) {
      return start == end && numberBefore < numberAfter;
    }
    List<Segment> gap = PartPlan.slice(segments, start, end);
    boolean tooShort = !last && end - start < MIN;
    boolean joinable =
        gap.getFirst().length() >= MIN
            || (last && gap.size() == 1)
            || obstacle == 0
            || !there.get(obstacle - 1).isCopied();
    List<Part> parts = tooShort || !joinable ? List.of() : PartPlan.of(gap, last);
    if (parts.isEmpty() || parts.size() >= numberAfter - numberBefore) {
      return false;
    }
    // the short one at the end comes after everything, also after parts that are not used
    int number = last ? numberAfter - 1 - parts.size() : numberBefore;
    for (Part part : parts) {
      steps.add(new Step(++number, part, false));
    }
    return true;
  }

  /**
   * Leaves out the copied part before the gap, or the one after it, or else what was sent first:
   * less than 5 MiB before that cannot be a part, and nothing is there to join them to.
   *
   * @return false if nothing is left to give up
   */
  private boolean giveUpOne() {
    for (int i : new int[] {obstacle - 1, obstacle}) {
      if (i >= 0 && i < there.size() && (there.get(i).isCopied() || obstacle == 0)) {
        there.remove(i);
        return true;
      }
    }
    return false;
  }
}
