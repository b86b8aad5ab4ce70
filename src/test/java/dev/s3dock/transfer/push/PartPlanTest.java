package dev.s3dock.transfer.push;

import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.archive.write.ChunkIndex.Place;
import dev.s3dock.archive.write.Segment;
import dev.s3dock.store.MultipartUpload;
import dev.s3dock.transfer.push.PartPlan.Joined;
import dev.s3dock.transfer.push.PartPlan.Part;
import dev.s3dock.transfer.push.PartPlan.Send;
import dev.s3dock.transfer.push.PartPlan.Take;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class PartPlanTest {
  private static final long MIB = 1 << 20;
  private static final long MIN = MultipartUpload.MIN_PART_BYTES;

  private static Segment fresh(long length) {
    return new Segment(length, Optional.empty(), true);
  }

  private static Segment held(long offset, long length) {
    return new Segment(length, Optional.of(new Place(0, offset)), true);
  }

  private static Segment beginning(long length) {
    return new Segment(length, Optional.of(new Place(0, 0)), false);
  }

  private static Take take(long offset, long length) {
    return new Take(new Place(0, offset), length, true);
  }

  @Test
  void an_archive_of_which_nothing_is_held_is_sent_in_parts_of_at_most_16_mib() {
    List<Part> parts = PartPlan.of(List.of(fresh(40 * MIB)));

    assertThat(parts).hasSize(3).allMatch(part -> part instanceof Send);
    assertThat(PartPlan.sent(parts)).isEqualTo(40 * MIB);
  }

  @Test
  void a_small_archive_is_one_part() {
    assertThat(PartPlan.of(List.of(held(0, 300), fresh(700)))).containsExactly(new Send(1000));
  }

  @Test
  void a_short_change_between_long_held_runs_is_joined_to_the_last_five_mebibytes_before_it() {
    List<Part> parts =
        PartPlan.of(List.of(held(0, 30 * MIB), fresh(1000), held(31 * MIB, 20 * MIB), fresh(9)));

    assertThat(parts)
        .containsExactly(
            take(0, 25 * MIB),
            new Joined(take(25 * MIB, MIN), new Send(1000)),
            take(31 * MIB, 20 * MIB),
            new Send(9));
  }

  @Test
  void a_run_too_short_to_be_cut_in_two_is_joined_whole() {
    assertThat(PartPlan.of(List.of(held(0, 9 * MIB), fresh(1000), held(12 * MIB, 6 * MIB))))
        .containsExactly(new Joined(take(0, 9 * MIB), new Send(1000)), take(12 * MIB, 6 * MIB));
  }

  @Test
  void new_bytes_at_the_very_beginning_take_in_what_follows_them() {
    assertThat(PartPlan.of(List.of(fresh(MIB), held(0, 50 * MIB))))
        .containsExactly(new Send(MIN), take(4 * MIB, 46 * MIB));
  }

  @Test
  void a_short_held_run_beside_new_bytes_is_sent_with_them() {
    List<Part> parts =
        PartPlan.of(
            List.of(beginning(9 * MIB), fresh(100), held(9 * MIB, 500), fresh(200), fresh(0 + 7)));

    assertThat(parts).containsExactly(new Take(new Place(0, 0), 9 * MIB, false), new Send(807));
  }

  @Test
  void a_longer_held_run_between_short_changes_is_joined_too() {
    List<Part> parts =
        PartPlan.of(
            List.of(
                beginning(64 * MIB),
                fresh(100),
                held(70 * MIB, 3 * MIB),
                fresh(200),
                held(80 * MIB, 64 * MIB)));

    Part joined = new Joined(new Take(new Place(0, 59 * MIB), MIN, false), new Send(100));
    joined = new Joined(new Joined(joined, take(70 * MIB, 3 * MIB)), new Send(200));
    assertThat(parts)
        .containsExactly(
            new Take(new Place(0, 0), 59 * MIB, false), joined, take(80 * MIB, 64 * MIB));
  }

  @Test
  void long_held_runs_are_copied_in_equal_parts() {
    List<Part> parts = PartPlan.of(List.of(held(7, 130 * MIB)));

    assertThat(parts).hasSize(3).allMatch(part -> part instanceof Take);
    assertThat(parts).allMatch(part -> part.length() >= 43 * MIB);
  }

  @Test
  void an_archive_of_any_size_has_no_more_parts_than_are_allowed() {
    List<Part> parts = PartPlan.of(List.of(held(0, 2_000_000 * MIB), fresh(2_000_000 * MIB)));

    assertThat(parts).hasSizeLessThan(MultipartUpload.MAX_PARTS);
  }

  @Property(tries = 2000)
  void parts_are_the_archive_and_none_but_the_last_is_short(@ForAll long seed) {
    List<Segment> segments = randomPieces(new Random(seed));

    List<Part> parts = PartPlan.of(segments);

    assertThat(length(parts)).isEqualTo(segments.stream().mapToLong(Segment::length).sum());
    requireSameBytes(segments, parts);
    assertThat(parts.subList(0, parts.size() - 1)).allMatch(part -> part.length() >= MIN);
    parts.forEach(PartPlanTest::requireLongFirsts);
    long freshBytes =
        segments.stream().filter(p -> p.held().isEmpty()).mapToLong(Segment::length).sum();
    assertThat(PartPlan.sent(parts))
        .isBetween(freshBytes, PartPlan.sent(PartPlan.sendAll(segments)));
  }

  private static long length(List<Part> parts) {
    return parts.stream().mapToLong(Part::length).sum();
  }

  private static void requireLongFirsts(Part part) {
    if (part instanceof Joined joined) {
      assertThat(joined.first().length()).isGreaterThanOrEqualTo(MIN);
      requireLongFirsts(joined.first());
    }
  }

  /** Every copied byte is the byte that the archive has at that place. */
  private static void requireSameBytes(List<Segment> segments, List<Part> parts) {
    long at = 0;
    for (Part part : parts) {
      at = requireSameBytes(segments, part, at);
    }
  }

  private static long requireSameBytes(List<Segment> segments, Part part, long at) {
    switch (part) {
      case Send send -> {}
      case Joined joined ->
          requireSameBytes(segments, joined.last(), requireSameBytes(segments, joined.first(), at));
      case Take take -> {
        long start = 0;
        for (Segment segment : segments) {
          if (at >= start && at < start + segment.length()) {
            Place place = segment.held().orElseThrow();
            assertThat(take.from())
                .isEqualTo(new Place(place.archive(), place.offset() + at - start));
            assertThat(at + take.length()).isLessThanOrEqualTo(start + segment.length());
            assertThat(take.local()).isEqualTo(segment.local());
          }
          start += segment.length();
        }
      }
    }
    return at + part.length();
  }

  private static List<Segment> randomPieces(Random random) {
    List<Segment> segments = new ArrayList<>();
    if (random.nextBoolean()) {
      segments.add(beginning(MIN + random.nextLong(20 * MIB)));
    }
    int count = 1 + random.nextInt(12);
    for (int i = 0; i < count; i++) {
      long length = 1 + random.nextLong(1L << (8 + random.nextInt(20)));
      segments.add(random.nextBoolean() ? fresh(length) : held(1000L * i * MIB, length));
    }
    return segments;
  }
}
