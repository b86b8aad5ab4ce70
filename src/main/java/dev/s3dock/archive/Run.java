package dev.s3dock.archive;

import java.util.ArrayList;
import java.util.List;

/**
 * Members that are fetched with one request, because they lie side by side or nearly so.
 *
 * @param members in archive order, at least one
 */
record Run(List<Member> members) {
  private static final int MAX_LENGTH = 8 << 20;
  private static final int MAX_RAW = 12 << 20;

  Run {
    members = List.copyOf(members);
  }

  /** The members of these layers as few requests, each of at most 8 MiB and 12 MiB raw. */
  static List<Run> of(List<LayerEntry> layers) {
    List<Run> runs = new ArrayList<>();
    List<Member> open = new ArrayList<>();
    for (LayerEntry layer : layers) {
      for (Member member : layer.members()) {
        if (!open.isEmpty() && !fits(open, member)) {
          runs.add(new Run(open));
          open.clear();
        }
        open.add(member);
      }
    }
    if (!open.isEmpty()) {
      runs.add(new Run(open));
    }
    return runs;
  }

  private static boolean fits(List<Member> open, Member next) {
    long raw = open.stream().mapToLong(Member::rawLength).sum() + next.rawLength();
    return next.offset() - open.getLast().end() <= ArchiveIndex.MAX_BETWEEN
        && next.end() - open.getFirst().offset() <= MAX_LENGTH
        && raw <= MAX_RAW;
  }

  /** Offset of its first byte in the archive. */
  long offset() {
    return members.getFirst().offset();
  }

  /** Bytes to fetch. */
  int length() {
    return (int) (members.getLast().end() - offset());
  }

  /** Bytes of memory that it takes while it is worked on. */
  long weight() {
    return length() + members.stream().mapToLong(Member::rawLength).sum();
  }
}
