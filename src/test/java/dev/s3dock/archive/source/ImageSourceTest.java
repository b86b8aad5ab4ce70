package dev.s3dock.archive.source;

import static dev.s3dock.archive.Sources.IMAGE;
import static dev.s3dock.archive.Sources.NAME;
import static dev.s3dock.archive.Sources.SPEC;
import static dev.s3dock.archive.Sources.assertCorrupt;
import static dev.s3dock.archive.Sources.tar;
import static dev.s3dock.archive.Sources.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.s3dock.archive.CorruptArchiveException;
import dev.s3dock.archive.FormatLimits;
import dev.s3dock.archive.StoredArchive;
import dev.s3dock.image.Digest;
import dev.s3dock.image.Platform;
import dev.s3dock.testing.Packaging;
import dev.s3dock.testing.TestTar;
import dev.s3dock.testing.engine.BuiltImage;
import dev.s3dock.testing.engine.ImageSpec;
import dev.s3dock.testing.engine.TestImages;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SequencedMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What an image may come as, and what is refused. */
class ImageSourceTest {
  private static final List<Packaging> PACKAGINGS = List.of(Packaging.values());

  @TempDir Path dir;

  @ParameterizedTest
  @EnumSource
  void scan_tells_who_the_image_is(Packaging packaging) throws IOException {
    ImageSummary summary = ImageScanner.scan(tar(TestImages.ociFiles(SPEC, NAME, packaging)));
    assertThat(summary)
        .isEqualTo(
            new ImageSummary(
                IMAGE.imageId(),
                Platform.parse("linux/amd64"),
                IMAGE.diffIds(),
                List.of("docker.io/library/" + NAME)));
  }

  @Test
  void an_image_without_layers_is_an_image() throws IOException {
    ImageSpec none = ImageSpec.empty().withLabel("only", "a label");
    StoredArchive stored =
        StoredArchive.pack(tar(TestImages.dockerSaveFiles(none, NAME)), dir).reread();
    assertThat(stored.index().layers()).isEmpty();
    assertThat(ImageScanner.scan(tar(stored.tar())).imageId())
        .isEqualTo(new BuiltImage(none).imageId());
  }

  @Test
  void a_layer_of_no_bytes_is_a_layer() throws IOException {
    Digest empty = Digest.of(new byte[0]);
    byte[] config =
        utf8(
            "{\"architecture\":\"amd64\",\"os\":\"linux\",\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"%s\"]}}"
                .formatted(empty));
    Map<String, byte[]> files = new LinkedHashMap<>();
    files.put("layer.tar", new byte[0]);
    files.put("config", config);
    files.put("manifest.json", utf8("[{\"Config\":\"config\",\"Layers\":[\"layer.tar\"]}]"));
    StoredArchive stored = StoredArchive.pack(tar(files), dir).reread();
    assertThat(ImageScanner.scan(tar(stored.tar())).diffIds()).containsExactly(empty);
  }

  @Test
  void names_may_start_with_a_dot_and_links_may_point_around() throws IOException {
    Map<String, byte[]> files = TestImages.dockerSaveFiles(SPEC, NAME);
    TestTar tar = new TestTar().directory(".").directory("blobs");
    files.forEach(
        (name, content) -> {
          if (name.startsWith("blobs")) {
            tar.file("./data/" + Digest.of(content).hex(), content);
            tar.symlink("./" + name, "../.././data/" + Digest.of(content).hex());
          } else {
            tar.file("copies/" + name, content);
            tar.hardLink("./" + name, "copies/" + name);
          }
        });
    assertThat(ImageScanner.scan(tar(tar.end())).imageId()).isEqualTo(IMAGE.imageId());
  }

  @Test
  void the_same_file_twice_is_the_same_file() throws IOException {
    TestTar tar = new TestTar();
    for (int i = 0; i < 2; i++) {
      TestImages.dockerSaveFiles(SPEC, NAME).forEach(tar::file);
    }
    assertThat(ImageScanner.scan(tar(tar.end())).imageId()).isEqualTo(IMAGE.imageId());
  }

  record Bad(String name, Consumer<TestTar> entry, String message) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Bad> badEntries() {
    byte[] two = utf8("two");
    return Stream.of(
        new Bad("absolute", tar -> tar.file("/etc/passwd", two), "'/etc/passwd' points outside"),
        new Bad("parent", tar -> tar.file("../x", two), "points outside"),
        new Bad("parent within", tar -> tar.file("a/../../x", two), "points outside"),
        new Bad("backslash", tar -> tar.file("a\\..\\x", two), "points outside"),
        new Bad("no name", tar -> tar.file(".", two), "points outside"),
        new Bad("link out", tar -> tar.symlink("a/b", "../../x"), "points outside"),
        new Bad("link to root", tar -> tar.symlink("a/b", "/x"), "points outside"),
        new Bad("hard link out", tar -> tar.hardLink("a/b", "../x"), "points outside"),
        new Bad(
            "device", tar -> tar.special("dev/sda", TarConstants.LF_BLK, new byte[0]), "a device"),
        new Bad("tty", tar -> tar.special("dev/tty", TarConstants.LF_CHR, new byte[0]), "a device"),
        new Bad("pipe", tar -> tar.special("pipe", TarConstants.LF_FIFO, new byte[0]), "a device"),
        new Bad("other document", tar -> tar.file("index.json", utf8("{}")), "twice"),
        new Bad("other blob", tar -> tar.file("x", two).file("x", utf8("three")), "twice"),
        new Bad("layer over document", tar -> tar.file("index.json", two), "twice"),
        new Bad("document over layer", tar -> tar.file("x", two).file("x", utf8("{}")), "twice"),
        new Bad("link over file", tar -> tar.symlink("index.json", "x"), "twice"),
        new Bad("other link", tar -> tar.symlink("x", "y").symlink("x", "z"), "twice"),
        new Bad("file over link", tar -> tar.symlink("x", "y").file("x", two), "twice"),
        new Bad(
            "blob that is not its name",
            tar -> tar.file("blobs/sha256/" + "0".repeat(64), two),
            "has the digest sha256:" + Digest.of(two).hex()));
  }

  @ParameterizedTest
  @MethodSource("badEntries")
  void an_entry_that_no_image_has_is_refused(Bad bad) {
    TestTar tar = new TestTar();
    TestImages.dockerSaveFiles(SPEC, NAME).forEach(tar::file);
    bad.entry.accept(tar);
    assertCorrupt(tar(tar.end()), bad.message);
  }

  @Test
  void links_in_a_loop_are_refused() {
    TestTar tar = new TestTar().symlink("index.json", "x").symlink("x", "index.json");
    assertCorrupt(tar(tar.end()), "loop");
  }

  @Test
  void more_entries_than_any_image_has_are_refused() {
    TestTar tar = new TestTar();
    for (int i = 0; i <= TarContents.MAX_ENTRIES; i++) {
      tar.directory("d" + i);
    }
    assertCorrupt(tar(tar.end()), "more than 20000 entries");
  }

  @Test
  void a_header_without_end_is_refused() {
    TestTar tar = new TestTar();
    tar.special("long name", TarConstants.LF_GNUTYPE_LONGNAME, utf8("n".repeat(3 << 20)));
    assertCorrupt(tar(tar.end()), "headers of more than 2097152 bytes");
  }

  @Test
  void a_document_that_is_too_large_matters_only_if_it_is_needed() throws IOException {
    byte[] large = utf8("{\"sbom\":\"" + "x".repeat(FormatLimits.MAX_DOCUMENT_BYTES) + "\"}");
    SequencedMap<String, byte[]> files = TestImages.dockerSaveFiles(SPEC, NAME);
    files.putFirst("blobs/sha256/" + Digest.of(large).hex(), large);
    assertThat(ImageScanner.scan(tar(files)).imageId()).isEqualTo(IMAGE.imageId());
    files.put("index.json", large);
    assertCorrupt(tar(files), "index.json has " + large.length + " bytes");
  }

  @Test
  void a_file_that_is_no_archive_is_refused() {
    assertCorrupt(tar(new byte[0]), "neither index.json nor manifest.json");
    assertCorrupt(tar(new byte[5000]), "neither index.json nor manifest.json");
    assertCorrupt(tar(TestTar.of(Map.of())), "neither index.json nor manifest.json");
    assertCorrupt(tar(utf8("hello, world".repeat(1000))), "damaged or truncated");
    assertCorrupt(tar(new byte[] {0x1f, (byte) 0x8b, 8}), "damaged or truncated");
    assertCorrupt(
        tar(new byte[] {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd, 0}), "damaged or truncated");
  }

  @Test
  void nothing_at_the_path_is_said() {
    assertThatThrownBy(() -> ImageSource.of(dir.resolve("absent.tar")))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining("absent.tar");
  }

  @ParameterizedTest
  @EnumSource
  void a_truncated_file_is_refused_unless_the_whole_image_is_in_it(Packaging packaging)
      throws IOException {
    byte[] whole = packaging.apply(TestTar.of(TestImages.dockerSaveFiles(SPEC, NAME)));
    int complete = 0;
    for (int length = 0; length < whole.length; length += 1 + whole.length / 300) {
      try {
        ImageSource source = tar(Arrays.copyOf(whole, length));
        assertThat(ImageScanner.scan(source).imageId()).isEqualTo(IMAGE.imageId());
        complete++;
      } catch (CorruptArchiveException e) {
        assertThat(e).hasMessageContaining("test image");
      }
    }
    assertThat(complete > 0).isEqualTo(packaging == Packaging.PLAIN);
  }

  /** Whatever is done to a file, it is refused, or it is the same image still. */
  @RepeatedTest(300)
  void a_damaged_file_is_never_another_image(RepetitionInfo info) {
    Random random = new Random(info.getCurrentRepetition());
    Packaging layers = PACKAGINGS.get(random.nextInt(PACKAGINGS.size()));
    Packaging whole = PACKAGINGS.get(random.nextInt(PACKAGINGS.size()));
    byte[] bytes = whole.apply(TestTar.of(TestImages.ociFiles(SPEC, NAME, layers)));
    for (int i = 0; i <= random.nextInt(3); i++) {
      bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
    }
    try {
      ImageSummary summary = ImageScanner.scan(tar(bytes));
      assertThat(summary.imageId()).isEqualTo(IMAGE.imageId());
      assertThat(summary.diffIds()).isEqualTo(IMAGE.diffIds());
    } catch (CorruptArchiveException | UnsuitableImageException e) {
      assertThat(e.getMessage()).containsAnyOf("test image", "image config sha256:");
    } catch (IOException e) {
      throw new AssertionError("neither read nor refused", e);
    }
  }

  @Test
  void what_the_stream_throws_is_thrown() {
    IOException reset = new IOException("connection reset");
    byte[] start = Packaging.GZIP.apply(TestTar.of(TestImages.dockerSaveFiles(SPEC, NAME)));
    InputStream broken =
        new SequenceInputStream(
            new ByteArrayInputStream(Arrays.copyOf(start, start.length / 2)), failing(reset));
    assertThatThrownBy(() -> ImageScanner.scan(ImageSource.ofStream(broken, "engine")))
        .isSameAs(reset);
  }

  private static InputStream failing(IOException failure) {
    return new InputStream() {
      @Override
      public int read() throws IOException {
        throw failure;
      }

      @Override
      public int read(byte[] buffer, int offset, int length) throws IOException {
        throw failure;
      }
    };
  }

  @Test
  void a_folder_is_read_like_its_tar() throws IOException {
    Path layout = TestImages.ociLayout(dir.resolve("layout"), SPEC, NAME, Packaging.PLAIN);
    assertThat(ImageScanner.scan(ImageSource.of(layout)).imageId()).isEqualTo(IMAGE.imageId());
    try (Stream<Path> blobs = Files.list(layout.resolve("blobs/sha256"))) {
      for (Path blob : blobs.toList()) {
        byte[] content = Files.readAllBytes(blob);
        Files.write(blob, Arrays.copyOf(content, content.length + 1));
        assertCorrupt(ImageSource.of(layout), "has the digest");
        Files.delete(blob);
        assertThatThrownBy(() -> ImageScanner.scan(ImageSource.of(layout)))
            .isInstanceOfAny(CorruptArchiveException.class, UnsuitableImageException.class);
        Files.write(blob, content);
      }
    }
    assertCorrupt(ImageSource.of(Files.createDirectory(dir.resolve("empty"))), "neither index");
  }
}
