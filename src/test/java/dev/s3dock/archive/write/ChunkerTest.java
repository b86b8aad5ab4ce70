package dev.s3dock.archive.write;

import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.image.Digest;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** Cuts are part of format 1: the vectors here are those of docs/archive-format.md. */
public class ChunkerTest {
  /** Bytes of a linear congruential generator, so that any language can make the same. */
  public static byte[] seeded(int length, long seed) {
    byte[] bytes = new byte[length];
    long state = seed;
    for (int i = 0; i < length; i++) {
      state = state * 6364136223846793005L + 1442695040888963407L;
      bytes[i] = (byte) (state >>> 56);
    }
    return bytes;
  }

  private static List<byte[]> chunks(InputStream in) {
    try {
      ChunkReader reader = new ChunkReader(in);
      List<byte[]> chunks = new ArrayList<>();
      Optional<byte[]> chunk = reader.next();
      while (chunk.isPresent()) {
        chunks.add(chunk.get());
        chunk = reader.next();
      }
      return chunks;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<byte[]> chunks(byte[] bytes) {
    return chunks(new ByteArrayInputStream(bytes));
  }

  private static List<Digest> digests(List<byte[]> chunks) {
    return chunks.stream().map(Digest::of).toList();
  }

  @Test
  void published_vector() {
    List<byte[]> chunks = chunks(seeded(8 << 20, 1));
    assertThat(chunks.stream().map(chunk -> chunk.length))
        .containsExactly(8192, 1116462, 1298036, 1114178, 1089457, 1209407, 1696553, 856323);
    assertThat(Digest.of(chunks.getFirst()).hex())
        .isEqualTo("ab9c8f133e1c33e042a28079357d071035f31df171061122a21ffc572acc2f5a");
    assertThat(Digest.of(chunks.getLast()).hex())
        .isEqualTo("15e4ce849b8631972cee9add48f6ebeb9809e47e5716968f0b9a514835e33544");
  }

  @Test
  void bytes_without_a_cut_are_cut_at_the_largest_size() {
    assertThat(chunks(new byte[9 << 20]).stream().map(chunk -> chunk.length))
        .containsExactly(8 << 10, 4 << 20, 4 << 20, (1 << 20) - (8 << 10));
  }

  @Test
  void nothing_has_no_chunks() {
    assertThat(chunks(new byte[0])).isEmpty();
  }

  @Test
  void chunks_come_out_near_one_mebibyte() {
    List<byte[]> chunks = chunks(seeded(64 << 20, 2));
    assertThat((64 << 20) / chunks.size()).isBetween(900 << 10, 1400 << 10);
    assertThat(chunks.getFirst()).hasSize(Chunker.HEAD_BYTES);
    for (byte[] chunk : chunks.subList(1, chunks.size() - 1)) {
      assertThat(chunk.length).isBetween(Chunker.MIN_BYTES, Chunker.MAX_BYTES);
    }
  }

  @Property(tries = 20)
  void cuts_do_not_depend_on_how_bytes_arrive(
      @ForAll @IntRange(max = 12 << 20) int length, @ForAll long seed) {
    byte[] bytes = seeded(length, seed);
    List<byte[]> whole = chunks(bytes);
    List<byte[]> trickled = chunks(new Trickle(new ByteArrayInputStream(bytes), seed));
    assertThat(digests(trickled)).isEqualTo(digests(whole));
    ByteArrayOutputStream joined = new ByteArrayOutputStream();
    whole.forEach(joined::writeBytes);
    assertThat(Digest.of(joined.toByteArray())).isEqualTo(Digest.of(bytes));
  }

  @Property(tries = 20)
  void an_edit_moves_only_the_chunks_around_it(
      @ForAll @IntRange(max = (24 << 20) - 1) int place,
      @ForAll @IntRange(min = 1, max = 5000) int inserted,
      @ForAll @IntRange(max = 5000) int removed,
      @ForAll long seed) {
    byte[] before = seeded(24 << 20, seed);
    ByteArrayOutputStream after = new ByteArrayOutputStream();
    after.write(before, 0, place);
    after.writeBytes(seeded(inserted, ~seed));
    int rest = Math.min(before.length, place + removed);
    after.write(before, rest, before.length - rest);
    Set<Digest> known = new HashSet<>(digests(chunks(before)));
    List<Digest> moved = new ArrayList<>(digests(chunks(after.toByteArray())));
    moved.removeIf(known::contains);
    assertThat(moved).hasSizeLessThanOrEqualTo(8);
  }

  /** Hands out a few bytes at a time. */
  private static final class Trickle extends InputStream {
    private final InputStream in;
    private final Random random;

    Trickle(InputStream in, long seed) {
      this.in = in;
      this.random = new Random(seed);
    }

    @Override
    public int read() throws IOException {
      return in.read();
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      return in.read(buffer, offset, Math.min(length, 1 + random.nextInt(70_000)));
    }
  }
}
