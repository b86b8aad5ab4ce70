package dev.s3dock.archive.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.s3dock.archive.ArchiveIndex;
import dev.s3dock.archive.CorruptArchiveException;
import dev.s3dock.archive.FormatLimits;
import dev.s3dock.archive.write.ChunkerTest;
import dev.s3dock.testing.engine.Engines;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Everything here is true of both libraries. */
class GzipMemberTest {
  private static final class Libraries {
    static final Deflate JDK = new JdkDeflate();
    static final Deflate LIBDEFLATE =
        LibDeflate.find(Engines.libdeflate().toString()).orElseThrow();
  }

  enum Library {
    JDK,
    LIBDEFLATE;

    Deflate deflate() {
      return this == JDK ? Libraries.JDK : Libraries.LIBDEFLATE;
    }
  }

  static Stream<Deflate> libraries() {
    return Stream.of(Libraries.JDK, Libraries.LIBDEFLATE);
  }

  @Provide
  Arbitrary<byte[]> contents() {
    Arbitrary<byte[]> noise = Arbitraries.bytes().array(byte[].class).ofMaxSize(3000);
    Arbitrary<byte[]> repeats =
        Combinators.combine(
                Arbitraries.bytes().array(byte[].class).ofMinSize(1).ofMaxSize(300),
                Arbitraries.integers().between(0, 200_000))
            .as((part, length) -> repeated(part, length));
    Arbitrary<byte[]> words =
        Combinators.combine(
                Arbitraries.integers().between(0, 60_000), Arbitraries.integers().between(0, 5000))
            .as((from, most) -> cut(Fingerprint.sample(), from, most));
    return Arbitraries.oneOf(noise, repeats, words);
  }

  private static byte[] repeated(byte[] part, int length) {
    byte[] all = new byte[length];
    for (int i = 0; i < length; i++) {
      all[i] = part[i % part.length];
    }
    return all;
  }

  private static byte[] cut(byte[] bytes, int from, int most) {
    return Arrays.copyOfRange(bytes, from, Math.min(from + most, bytes.length));
  }

  @ParameterizedTest
  @MethodSource("libraries")
  void header_is_the_fixed_one_of_the_format(Deflate library) {
    byte[] member = GzipMember.compress(new byte[100], 6, library);
    assertThat(HexFormat.of().formatHex(member, 0, 10)).isEqualTo("1f8b08000000000000ff");
  }

  @Property(tries = 300)
  void any_bytes_come_back_at_any_level_also_through_the_other_library(
      @ForAll("contents") byte[] raw,
      @ForAll @IntRange(min = 1, max = 9) int level,
      @ForAll Library writer,
      @ForAll Library reader)
      throws IOException {
    byte[] member = GzipMember.compress(raw, level, writer.deflate());
    assertThat(GzipMember.decompress(member, 0, member.length, raw.length, reader.deflate()))
        .isEqualTo(raw);
    assertThat(new GZIPInputStream(new ByteArrayInputStream(member)).readAllBytes()).isEqualTo(raw);
    assertThat(GzipMember.statedRawLength(member, raw.length)).isEqualTo(raw.length);
    assertThat(member.length).isLessThanOrEqualTo(mostBytes(raw.length));
  }

  @ParameterizedTest
  @MethodSource("libraries")
  void bytes_that_do_not_compress_stay_within_the_bound(Deflate library) throws IOException {
    byte[] noise = ChunkerTest.seeded(FormatLimits.MAX_CHUNK_BYTES, 3);
    for (int level = 1; level <= 9; level++) {
      byte[] member = GzipMember.compress(noise, level, library);
      assertThat(member.length).isLessThanOrEqualTo(mostBytes(noise.length));
      assertThat(GzipMember.decompress(member, 0, member.length, noise.length, library))
          .isEqualTo(noise);
    }
  }

  @ParameterizedTest
  @MethodSource("libraries")
  void a_member_may_stand_anywhere_in_the_bytes(Deflate library) throws IOException {
    byte[] raw = "hello, hello, hello".getBytes(StandardCharsets.UTF_8);
    byte[] member = GzipMember.compress(raw, 6, library);
    byte[] run = new byte[member.length + 30];
    Arrays.fill(run, (byte) 7);
    System.arraycopy(member, 0, run, 11, member.length);
    assertThat(GzipMember.decompress(run, 11, member.length, raw.length, library)).isEqualTo(raw);
  }

  @ParameterizedTest
  @MethodSource("libraries")
  void members_larger_than_any_chunk_are_written_and_read(Deflate library) throws IOException {
    byte[] raw = repeated(ChunkerTest.seeded(1 << 20, 5), ArchiveIndex.MAX_TAIL);
    byte[] member = GzipMember.compress(raw, 1, library);
    assertThat(GzipMember.decompress(member, 0, member.length, raw.length, library)).isEqualTo(raw);
  }

  @ParameterizedTest
  @MethodSource("libraries")
  void many_threads_do_not_disturb_each_other(Deflate library) {
    List<byte[]> chunks =
        Stream.iterate(1, i -> i + 1).limit(64).map(i -> ChunkerTest.seeded(9000 * i, i)).toList();
    assertThat(
            chunks.parallelStream()
                .allMatch(
                    chunk -> {
                      byte[] member = GzipMember.compress(chunk, 1 + chunk.length % 9, library);
                      return Arrays.equals(chunk, decompressed(member, chunk.length, library));
                    }))
        .isTrue();
  }

  private static byte[] decompressed(byte[] member, int rawLength, Deflate library) {
    try {
      return GzipMember.decompress(member, 0, member.length, rawLength, library);
    } catch (CorruptArchiveException e) {
      throw new AssertionError(e);
    }
  }

  @Property(tries = 1000)
  void a_flipped_bit_never_gives_other_bytes(
      @ForAll @Size(min = 1, max = 300) byte[] raw,
      @ForAll @IntRange(min = 0) int bit,
      @ForAll Library writer,
      @ForAll Library reader) {
    byte[] member = GzipMember.compress(raw, 6, writer.deflate());
    int flipped = bit % (member.length * 8);
    member[flipped / 8] ^= (byte) (1 << (flipped % 8));
    try {
      // the bits that fill the last byte of a deflate stream mean nothing
      assertThat(GzipMember.decompress(member, 0, member.length, raw.length, reader.deflate()))
          .isEqualTo(raw);
    } catch (CorruptArchiveException e) {
      assertThat(e).hasMessageContaining("gzip member");
    }
  }

  /** Without the checksum around it: the library itself must see where the stream ends. */
  @Property(tries = 300)
  void a_stream_that_is_cut_or_goes_on_is_refused(
      @ForAll("contents") byte[] raw,
      @ForAll @IntRange(min = 1, max = 40) int bytes,
      @ForAll Library writer,
      @ForAll Library reader)
      throws CorruptArchiveException {
    byte[] stream = writer.deflate().compress(raw, 6, 0, bytes);
    int length = stream.length - bytes;
    Deflate library = reader.deflate();
    byte[] again = new byte[raw.length];
    library.decompress(stream, 0, length, again);
    assertThat(again).isEqualTo(raw);
    assertThatThrownBy(() -> library.decompress(stream, 0, stream.length, again))
        .isInstanceOf(CorruptArchiveException.class)
        .hasMessage("a gzip member holds more bytes than it should");
    assertThatThrownBy(() -> library.decompress(stream, 0, Math.max(0, length - bytes), again))
        .isInstanceOf(CorruptArchiveException.class);
    assertThatThrownBy(() -> library.decompress(stream, 0, length, new byte[raw.length + bytes]))
        .isInstanceOf(CorruptArchiveException.class)
        .hasMessage("a gzip member holds fewer bytes than it should");
  }

  @ParameterizedTest
  @MethodSource("libraries")
  void wrong_lengths_are_noticed(Deflate library) {
    byte[] member = GzipMember.compress("hello".getBytes(StandardCharsets.UTF_8), 6, library);
    assertCorrupt(member, 4, library);
    assertCorrupt(member, 6, library);
    assertCorrupt(Arrays.copyOf(member, member.length + 1), 5, library);
    for (int length = 0; length < member.length; length++) {
      assertCorrupt(Arrays.copyOf(member, length), 5, library);
    }
  }

  @ParameterizedTest
  @MethodSource("libraries")
  void a_member_that_holds_too_much_is_not_inflated(Deflate library) {
    byte[] bomb = GzipMember.compress(new byte[50 << 20], 6, library);
    assertThatThrownBy(() -> GzipMember.statedRawLength(bomb, 1 << 20))
        .isInstanceOf(CorruptArchiveException.class);
    assertCorrupt(bomb, 1 << 20, library);
  }

  private static void assertCorrupt(byte[] member, int rawLength, Deflate library) {
    assertThatThrownBy(() -> GzipMember.decompress(member, 0, member.length, rawLength, library))
        .isInstanceOf(CorruptArchiveException.class);
  }

  /** Of a member: what deflate needs at the most, a header and a trailer. */
  private static int mostBytes(int rawLength) {
    return GzipMember.maxStreamLength(rawLength) + 10 + 8;
  }
}
