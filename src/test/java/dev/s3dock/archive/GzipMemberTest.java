package dev.s3dock.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.zip.GZIPInputStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class GzipMemberTest {
  @Test
  void headerIsTheFixedOneOfTheFormat() {
    byte[] member = GzipMember.compress(new byte[100], Compression.DEFAULT);
    assertThat(HexFormat.of().formatHex(member, 0, 10)).isEqualTo("1f8b08000000000000ff");
  }

  @Property(tries = 200)
  void anyBytesComeBackAtAnyLevel(@ForAll byte[] raw, @ForAll @IntRange(min = 1, max = 9) int level)
      throws IOException {
    byte[] member = GzipMember.compress(raw, new Compression(level));
    assertThat(GzipMember.decompress(member, 0, member.length, raw.length)).isEqualTo(raw);
    assertThat(new GZIPInputStream(new ByteArrayInputStream(member)).readAllBytes()).isEqualTo(raw);
    assertThat(GzipMember.statedRawLength(member, raw.length)).isEqualTo(raw.length);
  }

  @Test
  void bytesThatDoNotCompressStayWithinTheBound() {
    byte[] noise = ChunkerTest.seeded(Chunker.MAX_BYTES, 3);
    for (int level = 1; level <= 9; level++) {
      assertThat(GzipMember.compress(noise, new Compression(level)).length)
          .isLessThanOrEqualTo(GzipMember.maxLength(noise.length));
    }
  }

  @Property(tries = 500)
  void aFlippedBitNeverGivesOtherBytes(
      @ForAll @Size(min = 1, max = 300) byte[] raw, @ForAll @IntRange(min = 0) int bit) {
    byte[] member = GzipMember.compress(raw, Compression.DEFAULT);
    int flipped = bit % (member.length * 8);
    member[flipped / 8] ^= (byte) (1 << (flipped % 8));
    try {
      // the bits that fill the last byte of a deflate stream mean nothing
      assertThat(GzipMember.decompress(member, 0, member.length, raw.length)).isEqualTo(raw);
    } catch (CorruptArchiveException e) {
      assertThat(e).hasMessageContaining("gzip member");
    }
  }

  @Test
  void wrongLengthsAreNoticed() {
    byte[] member =
        GzipMember.compress("hello".getBytes(StandardCharsets.UTF_8), Compression.DEFAULT);
    assertCorrupt(member, 4);
    assertCorrupt(member, 6);
    assertCorrupt(Arrays.copyOf(member, member.length + 1), 5);
    for (int length = 0; length < member.length; length++) {
      assertCorrupt(Arrays.copyOf(member, length), 5);
    }
  }

  @Test
  void aMemberThatHoldsTooMuchIsNotInflated() {
    byte[] bomb = GzipMember.compress(new byte[50 << 20], Compression.DEFAULT);
    assertThatThrownBy(() -> GzipMember.statedRawLength(bomb, 1 << 20))
        .isInstanceOf(CorruptArchiveException.class);
    assertCorrupt(bomb, 1 << 20);
  }

  private static void assertCorrupt(byte[] member, int rawLength) {
    assertThatThrownBy(() -> GzipMember.decompress(member, 0, member.length, rawLength))
        .isInstanceOf(CorruptArchiveException.class);
  }
}
