package dev.s3dock.archive.read;

import static dev.s3dock.archive.StoredArchive.REFERENCE;
import static dev.s3dock.archive.StoredArchive.THREADS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.s3dock.archive.CanonicalTar;
import dev.s3dock.archive.CorruptArchiveException;
import dev.s3dock.archive.LayerEntry;
import dev.s3dock.archive.StoredArchive;
import dev.s3dock.archive.cache.ChunkCache;
import dev.s3dock.archive.codec.ChunkCodec;
import dev.s3dock.archive.source.ImageScanner;
import dev.s3dock.archive.source.ImageSource;
import dev.s3dock.archive.write.ArchiveInput;
import dev.s3dock.archive.write.ArchivePacker;
import dev.s3dock.archive.write.ChunkerTest;
import dev.s3dock.archive.write.PackedImage;
import dev.s3dock.image.Digest;
import dev.s3dock.image.ImageReference;
import dev.s3dock.testing.engine.ImageSpec;
import dev.s3dock.testing.engine.TestImages;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The image as an OCI layout folder. */
class LayoutWriterTest {
  private static final ImageSpec SPEC =
      ImageSpec.small().withFile("b", ChunkerTest.seeded(3 << 20, 4)).withFile("c", "last\n");

  @TempDir static Path shared;
  @TempDir Path dir;

  private static StoredArchive stored;

  @BeforeAll
  static void pack() throws IOException {
    Path file = TestImages.dockerSave(shared.resolve("image.tar"), SPEC, REFERENCE.toString());
    stored = StoredArchive.pack(ImageSource.ofFile(file), shared);
  }

  private static RangeFetcher from(byte[] archive) {
    return (offset, length) -> Arrays.copyOfRange(archive, (int) offset, (int) offset + length);
  }

  @Test
  void a_layout_takes_several_images_and_keeps_each_once() throws IOException {
    Path layout = dir.resolve("layout");
    ImageReference next = ImageReference.parse("my-app:20250722-0900-abcdef1");
    Path file =
        TestImages.dockerSave(dir.resolve("next.tar"), SPEC.withFile("d", "more"), next.toString());
    ArchivePacker packer =
        new ArchivePacker(dir, ChunkCodec.standard(), THREADS, ChunkCache.none());
    stored.reader().writeOciLayout(layout);
    try (PackedImage packed = packer.pack(ImageSource.ofFile(file), next, raw -> {});
        ArchiveInput in = packed.open()) {
      byte[] archive = in.readAllBytes();
      LayerEntry last = in.index().layers().getLast();
      RangeFetcher onlyNew =
          (offset, length) -> {
            assertThat(offset)
                .as("what is there is not fetched")
                .isGreaterThanOrEqualTo(last.offset());
            return from(archive).fetch(offset, length);
          };
      new ArchiveReader(in.index(), next, onlyNew, THREADS).writeOciLayout(layout);
    }
    stored.reader().writeOciLayout(layout);
    ImageSource source = ImageSource.of(layout);
    assertThat(ImageScanner.scan(source.withReference(REFERENCE.toString())).imageId())
        .isEqualTo(stored.index().imageId());
    assertThat(ImageScanner.scan(source.withReference(next.toString())).references())
        .containsExactly("docker.io/library/" + next);
    try (Stream<Path> files = Files.walk(layout)) {
      // 5 layers, 2 configs, 2 manifests, index.json, oci-layout
      assertThat(files.filter(Files::isRegularFile)).hasSize(11);
    }
  }

  @Test
  void a_damaged_blob_in_a_layout_is_replaced() throws IOException {
    Path layout = dir.resolve("layout");
    stored.reader().writeOciLayout(layout);
    Digest first = stored.index().diffIds().getFirst();
    Path blob = layout.resolve(CanonicalTar.blobName(first));
    byte[] damaged = Files.readAllBytes(blob);
    damaged[0] ^= 1;
    Files.write(blob, damaged);
    stored.reader().writeOciLayout(layout);
    assertThat(Digest.of(Files.readAllBytes(blob))).isEqualTo(first);
  }

  @Test
  void a_folder_of_other_things_is_left_alone() throws IOException {
    Path file = Files.writeString(dir.resolve("precious"), "data");
    assertThatThrownBy(() -> stored.reader().writeOciLayout(dir))
        .isInstanceOf(DirectoryNotEmptyException.class)
        .hasMessageContaining("neither empty nor an OCI image layout");
    try (Stream<Path> files = Files.list(dir)) {
      assertThat(files).containsExactly(file);
    }
  }

  @Test
  void a_layout_that_could_not_be_finished_names_no_image() throws IOException {
    Path layout = dir.resolve("layout");
    byte[] archive = stored.bytes().clone();
    archive[(int) stored.index().layers().getLast().end() - 1] ^= 1;
    ArchiveReader reader = new ArchiveReader(stored.index(), REFERENCE, from(archive), THREADS);
    assertThatThrownBy(() -> reader.writeOciLayout(layout))
        .isInstanceOf(CorruptArchiveException.class);
    assertThat(layout.resolve("index.json")).doesNotExist();
    stored.reader().writeOciLayout(layout);
    assertThat(ImageScanner.scan(ImageSource.of(layout)).imageId())
        .isEqualTo(stored.index().imageId());
  }
}
