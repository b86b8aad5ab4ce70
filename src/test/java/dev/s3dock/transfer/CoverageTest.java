package dev.s3dock.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.s3dock.store.ByteRange;
import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class CoverageTest {
  @Test
  void what_is_missing_comes_in_order_and_in_ranges_of_at_most_so_many_bytes() {
    Coverage coverage = new Coverage(100);
    coverage.add(30, 20);
    assertThat(coverage.missing(1, 25))
        .containsExactly(
            new ByteRange(0, 25),
            new ByteRange(25, 5),
            new ByteRange(50, 25),
            new ByteRange(75, 25));
    assertThat(coverage.bytes()).isEqualTo(20);
  }

  @Test
  void missing_parts_that_are_near_are_one_range() {
    Coverage coverage = new Coverage(100);
    coverage.add(10, 5);
    coverage.add(40, 20);
    assertThat(coverage.missing(6, 1000))
        .containsExactly(new ByteRange(0, 40), new ByteRange(60, 40));
  }

  @Test
  void nothing_is_missing_at_the_end() {
    Coverage coverage = new Coverage(10);
    coverage.add(5, 5);
    coverage.add(0, 5);
    assertThat(coverage.missing(1, 10)).isEmpty();
    assertThat(coverage.bytes()).isEqualTo(10);
  }

  @Test
  void bytes_outside_of_the_file_are_refused() {
    Coverage coverage = new Coverage(10);
    assertThatIllegalArgumentException().isThrownBy(() -> coverage.add(5, 6));
    assertThatIllegalArgumentException().isThrownBy(() -> coverage.add(-1, 2));
    assertThatIllegalArgumentException().isThrownBy(() -> coverage.add(Long.MAX_VALUE, 2));
    assertThatIllegalArgumentException().isThrownBy(() -> coverage.add(1, 0));
  }

  @RepeatedTest(50)
  void it_is_a_set_of_bytes(RepetitionInfo info) {
    Random random = new Random(info.getCurrentRepetition());
    int size = 1 + random.nextInt(200);
    BitSet there = new BitSet(size);
    Coverage coverage = new Coverage(size);
    for (int i = 0; i < 12; i++) {
      int offset = random.nextInt(size);
      int length = 1 + random.nextInt(Math.min(20, size - offset));
      there.set(offset, offset + length);
      coverage.add(offset, length);
    }
    BitSet missing = new BitSet(size);
    for (ByteRange range : coverage.missing(1, 1 + random.nextInt(30))) {
      missing.set((int) range.offset(), (int) range.end());
    }
    assertThat(coverage.bytes()).isEqualTo(there.cardinality());
    there.flip(0, size);
    assertThat(missing).isEqualTo(there);
  }
}
