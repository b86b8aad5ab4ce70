package dev.s3dock.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.archive.HeldMembers.Place;
import dev.s3dock.archive.Piece;
import dev.s3dock.store.MultipartUpload;
import dev.s3dock.transfer.Composition.Joined;
import dev.s3dock.transfer.Composition.Part;
import dev.s3dock.transfer.Composition.Send;
import dev.s3dock.transfer.Composition.Take;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class CompositionTest {
  private static final long MIB = 1 << 20;
  private static final long MIN = MultipartUpload.MIN_PART_BYTES;

  private static Piece fresh(long length) {
    return new Piece(length, Optional.empty(), true);
  }

  private static Piece held(long offset, long length) {
    return new Piece(length, Optional.of(new Place(0, offset)), true);
  }

  private static Piece beginning(long length) {
    return new Piece(length, Optional.of(new Place(0, 0)), false);
  }

  private static Take take(long offset, long length) {
    return new Take(new Place(0, offset), length, true);
  }

  @Test
  void anArchiveOfWhichNothingIsHeldIsSentInPartsOfAtMost16MiB() {
    List<Part> parts = Composition.of(List.of(fresh(40 * MIB)));

    assertThat(parts).hasSize(3).allMatch(part -> part instanceof Send);
    assertThat(Composition.sent(parts)).isEqualTo(40 * MIB);
  }

  @Test
  void aSmallArchiveIsOnePart() {
    assertThat(Composition.of(List.of(held(0, 300), fresh(700)))).containsExactly(new Send(1000));
  }

  @Test
  void aShortChangeBetweenLongHeldRunsIsJoinedToTheLastFiveMebibytesBeforeIt() {
    List<Part> parts =
        Composition.of(List.of(held(0, 30 * MIB), fresh(1000), held(31 * MIB, 20 * MIB), fresh(9)));

    assertThat(parts)
        .containsExactly(
            take(0, 25 * MIB),
            new Joined(take(25 * MIB, MIN), new Send(1000)),
            take(31 * MIB, 20 * MIB),
            new Send(9));
  }

  @Test
  void aRunTooShortToBeCutInTwoIsJoinedWhole() {
    assertThat(Composition.of(List.of(held(0, 9 * MIB), fresh(1000), held(12 * MIB, 6 * MIB))))
        .containsExactly(new Joined(take(0, 9 * MIB), new Send(1000)), take(12 * MIB, 6 * MIB));
  }

  @Test
  void newBytesAtTheVeryBeginningTakeInWhatFollowsThem() {
    assertThat(Composition.of(List.of(fresh(MIB), held(0, 50 * MIB))))
        .containsExactly(new Send(MIN), take(4 * MIB, 46 * MIB));
  }

  @Test
  void aShortHeldRunBesideNewBytesIsSentWithThem() {
    List<Part> parts =
        Composition.of(
            List.of(beginning(9 * MIB), fresh(100), held(9 * MIB, 500), fresh(200), fresh(0 + 7)));

    assertThat(parts).containsExactly(new Take(new Place(0, 0), 9 * MIB, false), new Send(807));
  }

  @Test
  void aLongerHeldRunBetweenShortChangesIsJoinedToo() {
    List<Part> parts =
        Composition.of(
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
  void longHeldRunsAreCopiedInEqualParts() {
    List<Part> parts = Composition.of(List.of(held(7, 130 * MIB)));

    assertThat(parts).hasSize(3).allMatch(part -> part instanceof Take);
    assertThat(parts).allMatch(part -> part.length() >= 43 * MIB);
  }

  @Test
  void anArchiveOfAnySizeHasNoMorePartsThanAreAllowed() {
    List<Part> parts = Composition.of(List.of(held(0, 2_000_000 * MIB), fresh(2_000_000 * MIB)));

    assertThat(parts).hasSizeLessThan(MultipartUpload.MAX_PARTS);
  }

  @Property(tries = 2000)
  void partsAreTheArchiveAndNoneButTheLastIsShort(@ForAll long seed) {
    List<Piece> pieces = randomPieces(new Random(seed));

    List<Part> parts = Composition.of(pieces);

    assertThat(length(parts)).isEqualTo(pieces.stream().mapToLong(Piece::length).sum());
    requireSameBytes(pieces, parts);
    assertThat(parts.subList(0, parts.size() - 1)).allMatch(part -> part.length() >= MIN);
    parts.forEach(CompositionTest::requireLongFirsts);
    long freshBytes =
        pieces.stream().filter(p -> p.held().isEmpty()).mapToLong(Piece::length).sum();
    assertThat(Composition.sent(parts))
        .isBetween(freshBytes, Composition.sent(Composition.sendAll(pieces)));
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
  private static void requireSameBytes(List<Piece> pieces, List<Part> parts) {
    long at = 0;
    for (Part part : parts) {
      at = requireSameBytes(pieces, part, at);
    }
  }

  private static long requireSameBytes(List<Piece> pieces, Part part, long at) {
    switch (part) {
      case Send send -> {}
      case Joined joined ->
          requireSameBytes(pieces, joined.last(), requireSameBytes(pieces, joined.first(), at));
      case Take take -> {
        long start = 0;
        for (Piece piece : pieces) {
          if (at >= start && at < start + piece.length()) {
            Place place = piece.held().orElseThrow();
            assertThat(take.from())
                .isEqualTo(new Place(place.archive(), place.offset() + at - start));
            assertThat(at + take.length()).isLessThanOrEqualTo(start + piece.length());
            assertThat(take.local()).isEqualTo(piece.local());
          }
          start += piece.length();
        }
      }
    }
    return at + part.length();
  }

  private static List<Piece> randomPieces(Random random) {
    List<Piece> pieces = new ArrayList<>();
    if (random.nextBoolean()) {
      pieces.add(beginning(MIN + random.nextLong(20 * MIB)));
    }
    int count = 1 + random.nextInt(12);
    for (int i = 0; i < count; i++) {
      long length = 1 + random.nextLong(1L << (8 + random.nextInt(20)));
      pieces.add(random.nextBoolean() ? fresh(length) : held(1000L * i * MIB, length));
    }
    return pieces;
  }
}
