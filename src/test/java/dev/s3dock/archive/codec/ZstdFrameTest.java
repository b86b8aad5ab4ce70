package dev.s3dock.archive.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.s3dock.archive.CorruptArchiveException;
import dev.s3dock.archive.FormatLimits;
import dev.s3dock.archive.write.ChunkerTest;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class ZstdFrameTest {
  @Property(tries = 200)
  void any_bytes_come_back_at_any_level(
      @ForAll @Size(max = 3000) byte[] raw, @ForAll @IntRange(min = 1, max = 19) int level)
      throws CorruptArchiveException {
    byte[] frame = ZstdFrame.compress(raw, level);
    assertThat(ZstdFrame.beginsAt(frame, 0)).isTrue();
    assertThat(ZstdFrame.statedRawLength(frame, raw.length)).isEqualTo(raw.length);
    byte[] run = new byte[frame.length + 20];
    System.arraycopy(frame, 0, run, 9, frame.length);
    assertThat(ZstdFrame.decompress(run, 9, frame.length, raw.length)).isEqualTo(raw);
  }

  @Test
  void bytes_that_do_not_compress_stay_within_the_bound_of_a_member()
      throws CorruptArchiveException {
    byte[] noise = ChunkerTest.seeded(FormatLimits.MAX_CHUNK_BYTES, 3);
    for (int level : new int[] {1, 3, 19}) {
      byte[] frame = ZstdFrame.compress(noise, level);
      assertThat(frame.length).isLessThanOrEqualTo(mostBytes(noise.length));
      assertThat(ZstdFrame.decompress(frame, 0, frame.length, noise.length)).isEqualTo(noise);
    }
  }

  /** Not that the bytes are the right ones: a frame has no checksum, the index has a SHA-256. */
  @Property(tries = 1000)
  void a_flipped_bit_never_gives_another_length(
      @ForAll @Size(min = 1, max = 300) byte[] raw, @ForAll @IntRange(min = 0) int bit) {
    byte[] frame = ZstdFrame.compress(raw, 3);
    int flipped = bit % (frame.length * 8);
    frame[flipped / 8] ^= (byte) (1 << (flipped % 8));
    try {
      assertThat(ChunkCodec.decompress(frame, 0, frame.length, raw.length)).hasSize(raw.length);
    } catch (CorruptArchiveException e) {
      assertThat(e).hasMessageMatching(".*(zstd frame|gzip member).*");
    }
  }

  @Test
  void what_is_not_exactly_one_frame_is_refused() {
    byte[] raw = Fingerprint.sample();
    byte[] frame = ZstdFrame.compress(raw, 3);
    assertCorrupt(frame, raw.length - 1);
    assertCorrupt(frame, raw.length + 1);
    assertCorrupt(Arrays.copyOf(frame, frame.length + 1), raw.length);
    for (int length = 0; length < frame.length; length += 97) {
      assertCorrupt(Arrays.copyOf(frame, length), raw.length);
    }
    ByteArrayOutputStream twice = new ByteArrayOutputStream();
    twice.writeBytes(frame);
    twice.writeBytes(frame);
    assertCorrupt(twice.toByteArray(), 2 * raw.length);
    assertCorrupt(twice.toByteArray(), raw.length);
  }

  @Test
  void a_frame_that_holds_too_much_is_not_decompressed() {
    byte[] bomb = ZstdFrame.compress(new byte[50 << 20], 1);
    assertThatThrownBy(() -> ChunkCodec.statedRawLength(bomb, 1 << 20))
        .isInstanceOf(CorruptArchiveException.class);
    assertCorrupt(bomb, 1 << 20);
  }

  private static void assertCorrupt(byte[] frame, int rawLength) {
    assertThatThrownBy(() -> ChunkCodec.decompress(frame, 0, frame.length, rawLength))
        .isInstanceOf(CorruptArchiveException.class);
  }

  /** Of a member: what deflate needs at the most, a header and a trailer. */
  private static int mostBytes(int rawLength) {
    return GzipMember.maxStreamLength(rawLength) + 10 + 8;
  }
}
