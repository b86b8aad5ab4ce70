package dev.s3dock.archive.read;

import static dev.s3dock.archive.StoredArchive.REFERENCE;
import static dev.s3dock.archive.StoredArchive.THREADS;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.archive.Compression;
import dev.s3dock.archive.StoredArchive;
import dev.s3dock.archive.codec.ChunkCodec;
import dev.s3dock.archive.codec.GzipMember;
import dev.s3dock.archive.read.ArchiveOverlap.Copy;
import dev.s3dock.archive.source.ImageSource;
import dev.s3dock.archive.write.ChunkerTest;
import dev.s3dock.testing.engine.ImageSpec;
import dev.s3dock.testing.engine.TestImages;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArchiveOverlapTest {
  @TempDir Path folder;

  private StoredArchive pack(ImageSpec spec, Compression compression) throws IOException {
    Path file = TestImages.dockerSave(folder.resolve("saved.tar"), spec, REFERENCE.toString());
    return StoredArchive.pack(ImageSource.ofFile(file), folder, compression);
  }

  private StoredArchive pack(ImageSpec spec) throws IOException {
    return pack(spec, ChunkCodec.standard());
  }

  private List<Copy> find(byte[] older, StoredArchive wanted) throws IOException {
    Path file = Files.write(folder.resolve("older.tar.gz"), older);
    return ArchiveOverlap.find(file, wanted.index(), THREADS);
  }

  /** Every copy has the bytes of its place. */
  private static long assertTrue(List<Copy> copies, byte[] older, StoredArchive wanted) {
    long end = 0;
    long bytes = 0;
    for (Copy copy : copies) {
      assertThat(copy.to()).isGreaterThanOrEqualTo(end);
      end = copy.to() + copy.length();
      bytes += copy.length();
      assertThat(Arrays.copyOfRange(older, (int) copy.from(), (int) (copy.from() + copy.length())))
          .isEqualTo(wanted.range(copy.to(), (int) copy.length()));
    }
    return bytes;
  }

  private static byte[] seeded(int length, long seed) {
    return ChunkerTest.seeded(length, seed);
  }

  @Test
  void an_edit_costs_the_chunks_around_it() throws IOException {
    byte[] content = seeded(12 << 20, 3);
    StoredArchive older = pack(ImageSpec.empty().withFile("base", "base").withFile("big", content));
    content[6 << 20] ^= 1;
    StoredArchive wanted =
        pack(ImageSpec.empty().withFile("base", "base").withFile("big", content));

    List<Copy> copies = find(older.bytes(), wanted);

    long bytes = assertTrue(copies, older.bytes(), wanted);
    assertThat(wanted.bytes().length - bytes).isLessThan(5 << 20);
    assertThat(copies).hasSize(3); // up to the header of the changed layer, and around the edit
    assertThat(copies.getFirst().to()).isZero(); // the chunk before the first layer as well
  }

  @Test
  void frames_of_zstd_are_found_too() throws IOException {
    Compression zstd = Compression.parse("zstd");
    byte[] content = seeded(12 << 20, 3);
    StoredArchive older = pack(ImageSpec.empty().withFile("big", content), zstd);
    content[6 << 20] ^= 1;
    StoredArchive wanted = pack(ImageSpec.empty().withFile("big", content), zstd);

    List<Copy> copies = find(older.bytes(), wanted);

    assertThat(wanted.bytes().length - assertTrue(copies, older.bytes(), wanted))
        .isLessThan(5 << 20);
    assertThat(find(pack(ImageSpec.empty().withFile("big", content)).bytes(), wanted)).isEmpty();
  }

  @Test
  void layers_are_found_wherever_they_were() throws IOException {
    ImageSpec first = ImageSpec.empty().withFile("a", seeded(2 << 20, 1));
    StoredArchive older = pack(first.withFile("b", seeded(2 << 20, 2)));
    StoredArchive wanted =
        pack(
            ImageSpec.empty()
                .withFile("b", seeded(2 << 20, 2))
                .withFile("c", "new")
                .withFile("a", seeded(2 << 20, 1)));

    long bytes = assertTrue(find(older.bytes(), wanted), older.bytes(), wanted);

    assertThat(wanted.bytes().length - bytes).isLessThan(3000);
  }

  @Test
  void an_archive_of_another_compression_has_little_or_nothing_in_common() throws IOException {
    ImageSpec spec = ImageSpec.empty().withFile("text", "all work and no play\n".repeat(200_000));
    StoredArchive older = pack(spec, Compression.parse("gzip:1"));
    StoredArchive wanted = pack(spec, Compression.parse("gzip:9"));

    assertThat(find(older.bytes(), wanted)).allMatch(copy -> copy.length() < 1000);
  }

  @Test
  void a_file_that_is_no_archive_has_nothing_in_common() throws IOException {
    StoredArchive wanted = pack(ImageSpec.small());

    assertThat(find(new byte[0], wanted)).isEmpty();
    assertThat(find(new byte[5], wanted)).isEmpty();
    assertThat(find("some text".repeat(1000).getBytes(UTF_8), wanted)).isEmpty();
    byte[] shifted = new byte[wanted.bytes().length + 1];
    System.arraycopy(wanted.bytes(), 0, shifted, 1, wanted.bytes().length);
    assertThat(find(shifted, wanted)).isEmpty();
  }

  @Test
  void what_looks_like_the_start_of_a_member_inside_of_one_does_no_harm() throws IOException {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    for (int i = 0; i < 100; i++) {
      content.writeBytes(seeded(20_000, i));
      content.writeBytes(GzipMember.header()); // stored as it is, since nothing here compresses
    }
    ImageSpec spec =
        ImageSpec.empty()
            .withFile("base", seeded(3 << 20, 7))
            .withFile("nested", content.toByteArray());
    StoredArchive archive = pack(spec);

    long bytes = assertTrue(find(archive.bytes(), archive), archive.bytes(), archive);

    assertThat(bytes).isGreaterThan(3 << 20);
  }

  /** Whatever is done to the file: what is found in it decompresses to what is wanted. */
  @RepeatedTest(60)
  void a_damaged_file_never_gives_other_content(RepetitionInfo info) throws IOException {
    Random random = new Random(info.getCurrentRepetition());
    StoredArchive wanted =
        pack(ImageSpec.empty().withFile("a", seeded(1 << 20, 1)).withFile("b", new byte[9 << 20]));
    byte[] older = wanted.bytes().clone();
    for (int i = 0; i < 5; i++) {
      int place = random.nextInt(older.length);
      switch (random.nextInt(3)) {
        case 0 -> older[place] ^= (byte) (1 << random.nextInt(8));
        case 1 -> Arrays.fill(older, place, Math.min(older.length, place + 500), (byte) 0);
        default -> older = Arrays.copyOf(older, place + 1);
      }
    }
    byte[] put = wanted.bytes().clone();
    for (Copy copy : find(older, wanted)) {
      System.arraycopy(older, (int) copy.from(), put, (int) copy.to(), (int) copy.length());
    }
    try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(put))) {
      assertThat(in.readAllBytes()).isEqualTo(wanted.tar());
    }
  }
}
