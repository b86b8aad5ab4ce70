package dev.s3dock.transfer.push;

import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.archive.write.ChunkIndex.Place;
import dev.s3dock.archive.write.Segment;
import dev.s3dock.store.MultipartUpload;
import dev.s3dock.transfer.push.PartPlan.Joined;
import dev.s3dock.transfer.push.PartPlan.Part;
import dev.s3dock.transfer.push.PartPlan.Send;
import dev.s3dock.transfer.push.PartPlan.Take;
import dev.s3dock.transfer.push.PartPlanner.Placed;
import dev.s3dock.transfer.push.PartPlanner.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** Archives around parts that are there already. */
class PartPlannerTest {
  private static final long MIB = 1 << 20;
  private static final long MIN = MultipartUpload.MIN_PART_BYTES;

  private static Segment fresh(long length) {
    return new Segment(length, Optional.empty(), true);
  }

  private static Segment held(long offset, long length) {
    return new Segment(length, Optional.of(new Place(0, offset)), true);
  }

  private static Take take(long offset, long length) {
    return new Take(new Place(0, offset), length, true);
  }

  private static List<Integer> uploadedPart(List<Step> steps) {
    return steps.stream().filter(Step::uploaded).map(Step::number).toList();
  }

  @Test
  void what_stands_between_two_parts_gets_the_numbers_between_theirs() {
    List<Step> steps =
        PartPlanner.around(
                List.of(fresh(60 * MIB)),
                List.of(
                    new Placed(40, 6 * MIB, new Send(16 * MIB)),
                    new Placed(80, 28 * MIB, new Send(16 * MIB))))
            .orElseThrow();

    assertThat(uploadedPart(steps)).containsExactly(40, 80);
    assertThat(steps.stream().map(Step::number)).startsWith(1, 40, 41, 80).isSorted();
    assertThat(steps.getLast().number()).isEqualTo(MultipartUpload.MAX_PARTS);
  }

  @Test
  void a_copied_part_is_made_anew_where_a_short_change_follows_it() {
    List<Step> steps =
        PartPlanner.around(
                List.of(held(0, 20 * MIB), fresh(1000), held(21 * MIB, 20 * MIB), fresh(10)),
                List.of(
                    new Placed(1, 0, take(0, 10 * MIB)),
                    new Placed(9, 10 * MIB, take(10 * MIB, 10 * MIB)),
                    new Placed(17, 20 * MIB + 1000, take(21 * MIB, 20 * MIB))))
            .orElseThrow();

    assertThat(uploadedPart(steps)).containsExactly(1, 17);
    assertThat(PartPlan.sent(steps.stream().map(Step::part).toList())).isEqualTo(1010);
  }

  @Test
  void what_was_sent_first_is_sent_again_where_too_little_stands_before_it() {
    List<Step> steps =
        PartPlanner.around(
                List.of(fresh(40 * MIB)),
                List.of(
                    new Placed(40, 300, new Send(8 * MIB)),
                    new Placed(41, 300 + 8 * MIB, new Send(8 * MIB))))
            .orElseThrow();

    assertThat(uploadedPart(steps)).containsExactly(41);
  }

  @Test
  void layers_that_are_in_another_order_than_their_numbers_do_not_fit() {
    assertThat(
            PartPlanner.around(
                List.of(fresh(60 * MIB)),
                List.of(
                    new Placed(80, 6 * MIB, new Send(16 * MIB)),
                    new Placed(40, 28 * MIB, new Send(16 * MIB)))))
        .isEmpty();
  }

  @Property(tries = 300)
  void every_byte_is_in_its_place_and_no_part_is_short_but_the_last(@ForAll long seed) {
    Random random = new Random(seed);
    List<Segment> segments = new ArrayList<>();
    List<Placed> there = new ArrayList<>();
    long at = 0;
    int number = 0;
    for (int i = 1 + random.nextInt(12); i > 0; i--) {
      long length = 1 + (random.nextInt(4) == 0 ? random.nextInt(9000) : random.nextLong(90 * MIB));
      boolean isHeld = random.nextBoolean();
      long offset = random.nextLong(1000 * MIB);
      segments.add(isHeld ? held(offset, length) : fresh(length));
      for (long from = random.nextLong(6 * MIB); from + MIN <= length; ) {
        long some = Math.min(MIN + random.nextLong(20 * MIB), length - from);
        number += 1 + random.nextInt(20);
        there.add(
            new Placed(number, at + from, isHeld ? take(offset + from, some) : new Send(some)));
        from += some + (random.nextBoolean() ? 0 : random.nextLong(20 * MIB));
      }
      at += length;
    }
    PartPlanner.around(segments, there).ifPresent(steps -> requireWhole(steps, segments, there));
  }

  private static void requireWhole(List<Step> steps, List<Segment> segments, List<Placed> there) {
    long at = 0;
    int number = 0;
    for (Step step : steps) {
      assertThat(step.number()).isGreaterThan(number);
      number = step.number();
      long start = at;
      if (step.uploaded()) {
        assertThat(there).contains(new Placed(number, start, step.part()));
      }
      assertThat(step.part().length() >= MIN || step.equals(steps.getLast())).isTrue();
      requireTrue(step.part(), segments, at);
      at += step.part().length();
    }
    assertThat(number).isLessThanOrEqualTo(MultipartUpload.MAX_PARTS);
    assertThat(at).isEqualTo(segments.stream().mapToLong(Segment::length).sum());
  }

  /** What is taken is what the archive has at this place. */
  private static void requireTrue(Part part, List<Segment> segments, long at) {
    switch (part) {
      case Send send -> {}
      case Take take ->
          assertThat(PartPlan.slice(segments, at, at + take.length()))
              .containsExactly(new Segment(take.length(), Optional.of(take.from()), take.local()));
      case Joined joined -> {
        requireTrue(joined.first(), segments, at);
        requireTrue(joined.last(), segments, at + joined.first().length());
      }
    }
  }
}
