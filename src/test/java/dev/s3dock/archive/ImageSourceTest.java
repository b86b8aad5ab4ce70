package dev.s3dock.archive;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.s3dock.image.Digest;
import dev.s3dock.image.Platform;
import dev.s3dock.testing.BuiltImage;
import dev.s3dock.testing.ImageSpec;
import dev.s3dock.testing.Packaging;
import dev.s3dock.testing.TestImages;
import dev.s3dock.testing.TestTar;
import java.io.ByteArrayInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
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
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String NAME = "my-app:20250721-2118-f7a5a27";
  private static final String OTHER = "other:20250721-2118-f7a5a27";
  private static final ImageSpec SPEC = ImageSpec.small().withLabel("a", "b");
  private static final List<Packaging> PACKAGINGS = List.of(Packaging.values());
  private static final BuiltImage IMAGE = new BuiltImage(SPEC);

  @TempDir Path dir;

  private static ImageSource tar(byte[] bytes) {
    return ImageSource.ofStream(new ByteArrayInputStream(bytes), "test image");
  }

  private static ImageSource tar(Map<String, byte[]> files) {
    return tar(TestTar.of(files));
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static void assertCorrupt(ImageSource source, String message) {
    assertThatThrownBy(() -> ImageScanner.scan(source))
        .isInstanceOf(CorruptArchiveException.class)
        .hasMessageContaining(message);
  }

  private static void assertUnsuitable(ImageSource source, String message) {
    assertThatThrownBy(() -> ImageScanner.scan(source))
        .isInstanceOf(UnsuitableImageException.class)
        .hasMessageContaining(message);
  }

  @ParameterizedTest
  @EnumSource
  void scanTellsWhoTheImageIs(Packaging packaging) throws IOException {
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
  void anImageWithoutLayersIsAnImage() throws IOException {
    ImageSpec none = ImageSpec.empty().withLabel("only", "a label");
    StoredArchive stored =
        StoredArchive.pack(tar(TestImages.dockerSaveFiles(none, NAME)), dir).reread();
    assertThat(stored.index().layers()).isEmpty();
    assertThat(ImageScanner.scan(tar(stored.tar())).imageId())
        .isEqualTo(new BuiltImage(none).imageId());
  }

  @Test
  void aLayerOfNoBytesIsALayer() throws IOException {
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
  void namesMayStartWithADotAndLinksMayPointAround() throws IOException {
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
  void theSameFileTwiceIsTheSameFile() throws IOException {
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
  void anEntryThatNoImageHasIsRefused(Bad bad) {
    TestTar tar = new TestTar();
    TestImages.dockerSaveFiles(SPEC, NAME).forEach(tar::file);
    bad.entry.accept(tar);
    assertCorrupt(tar(tar.end()), bad.message);
  }

  @Test
  void linksInACircleAreRefused() {
    TestTar tar = new TestTar().symlink("index.json", "x").symlink("x", "index.json");
    assertCorrupt(tar(tar.end()), "circle");
  }

  @Test
  void moreEntriesThanAnyImageHasAreRefused() {
    TestTar tar = new TestTar();
    for (int i = 0; i <= TarContents.MAX_ENTRIES; i++) {
      tar.directory("d" + i);
    }
    assertCorrupt(tar(tar.end()), "more than 20000 entries");
  }

  @Test
  void aHeaderWithoutEndIsRefused() {
    TestTar tar = new TestTar();
    tar.special("long name", TarConstants.LF_GNUTYPE_LONGNAME, utf8("n".repeat(3 << 20)));
    assertCorrupt(tar(tar.end()), "headers of more than 2097152 bytes");
  }

  @Test
  void aDocumentThatIsTooLargeMattersOnlyIfItIsNeeded() throws IOException {
    byte[] large = utf8("{\"sbom\":\"" + "x".repeat(SourceContents.MAX_DOCUMENT) + "\"}");
    SequencedMap<String, byte[]> files = TestImages.dockerSaveFiles(SPEC, NAME);
    files.putFirst("blobs/sha256/" + Digest.of(large).hex(), large);
    assertThat(ImageScanner.scan(tar(files)).imageId()).isEqualTo(IMAGE.imageId());
    files.put("index.json", large);
    assertCorrupt(tar(files), "index.json has " + large.length + " bytes");
  }

  @Test
  void aFileThatIsNoArchiveIsRefused() {
    assertCorrupt(tar(new byte[0]), "neither index.json nor manifest.json");
    assertCorrupt(tar(new byte[5000]), "neither index.json nor manifest.json");
    assertCorrupt(tar(TestTar.of(Map.of())), "neither index.json nor manifest.json");
    assertCorrupt(tar(utf8("hello, world".repeat(1000))), "damaged or truncated");
    assertCorrupt(tar(new byte[] {0x1f, (byte) 0x8b, 8}), "damaged or truncated");
    assertCorrupt(
        tar(new byte[] {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd, 0}), "damaged or truncated");
  }

  @Test
  void nothingAtThePathIsSaid() {
    assertThatThrownBy(() -> ImageSource.of(dir.resolve("absent.tar")))
        .isInstanceOf(FileNotFoundException.class)
        .hasMessageContaining("absent.tar");
  }

  @ParameterizedTest
  @EnumSource
  void aTruncatedFileIsRefusedUnlessTheWholeImageIsInIt(Packaging packaging) throws IOException {
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
  void aDamagedFileIsNeverAnotherImage(RepetitionInfo info) {
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
  void whatTheStreamThrowsIsThrown() {
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

  // the documents

  private static Map<String, byte[]> legacy(String manifest, byte[] config) {
    Map<String, byte[]> files = new LinkedHashMap<>();
    files.put("layer.tar", IMAGE.layers().getFirst());
    files.put("config", config);
    files.put("manifest.json", utf8(manifest));
    return files;
  }

  private static byte[] configOf(String diffIds) {
    return utf8(
        "{\"architecture\":\"amd64\",\"os\":\"linux\",\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[%s]}}"
            .formatted(diffIds));
  }

  @Test
  void aConfigThatListsOtherLayersIsRefused() {
    String manifest = "[{\"Config\":\"config\",\"Layers\":[\"layer.tar\"]}]";
    String first = "\"" + IMAGE.diffIds().getFirst() + "\"";
    String second = "\"" + IMAGE.diffIds().getLast() + "\"";
    assertCorrupt(tar(legacy(manifest, configOf(second))), "layer 1 has the diff_id");
    assertCorrupt(tar(legacy(manifest, configOf(""))), "lists 1 layers, the config of the image 0");
    assertCorrupt(
        tar(legacy(manifest, configOf(first + "," + second))), "the config of the image 2");
    assertCorrupt(tar(legacy(manifest, configOf("\"md5:00\""))), "malformed digest");
    assertCorrupt(tar(legacy(manifest, utf8("{}"))), "lists no layers");
    assertCorrupt(tar(legacy(manifest, utf8("{\"os\":1,\"os\":2}"))), "not valid JSON");
    assertCorrupt(tar(legacy(manifest, utf8("{\"os\":"))), "not valid JSON");
    assertCorrupt(tar(legacy(manifest, utf8("[".repeat(1000)))), "not valid JSON");
    assertCorrupt(
        tar(legacy(manifest, utf8("{\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[]}}"))),
        "malformed platform");
  }

  @Test
  void aManifestThatNamesWhatIsNotThereIsRefused() {
    byte[] config = configOf("\"" + IMAGE.diffIds().getFirst() + "\"");
    assertCorrupt(
        tar(legacy("[{\"Config\":\"gone\",\"Layers\":[\"layer.tar\"]}]", config)),
        "names a config that is not there: gone");
    assertCorrupt(
        tar(legacy("[{\"Config\":\"config\",\"Layers\":[\"gone\"]}]", config)),
        "the layer gone is not there");
    assertCorrupt(
        tar(legacy("[{\"Config\":\"../config\",\"Layers\":[]}]", config)), "points outside");
    assertCorrupt(tar(legacy("{}", config)), "is no list of images");
    assertUnsuitable(tar(legacy("[]", config)), "holds no complete image");
  }

  @Test
  void aConfigThatIsNotItsNameIsRefused() {
    Map<String, byte[]> files = legacy("", configOf("\"" + IMAGE.diffIds().getFirst() + "\""));
    files.put("0".repeat(64) + ".json", configOf(""));
    files.put(
        "manifest.json",
        utf8("[{\"Config\":\"%s.json\",\"Layers\":[]}]".formatted("0".repeat(64))));
    assertCorrupt(tar(files), "has the digest");
  }

  private static Map<String, byte[]> withManifest(Consumer<ObjectNode> change) throws IOException {
    SequencedMap<String, byte[]> files = TestImages.ociFiles(SPEC, NAME, Packaging.GZIP);
    ObjectNode index = (ObjectNode) JSON.readTree(files.get("index.json"));
    ObjectNode descriptor = (ObjectNode) index.path("manifests").path(0);
    String path = "blobs/sha256/" + Digest.parse(descriptor.path("digest").asText()).hex();
    ObjectNode manifest = (ObjectNode) JSON.readTree(files.remove(path));
    change.accept(manifest);
    byte[] bytes = JSON.writeValueAsBytes(manifest);
    descriptor.put("digest", Digest.of(bytes).toString()).put("size", bytes.length);
    files.put("blobs/sha256/" + Digest.of(bytes).hex(), bytes);
    files.put("index.json", JSON.writeValueAsBytes(index));
    return files;
  }

  @Test
  void whatIsNoImageIsRefused() throws IOException {
    assertUnsuitable(
        tar(withManifest(json -> json.put("schemaVersion", 1))), "the withdrawn schema 1");
    assertUnsuitable(
        tar(
            withManifest(
                json ->
                    ((ObjectNode) json.path("config"))
                        .put("mediaType", "application/vnd.cncf.helm.config.v1+json"))),
        "an artifact of type application/vnd.cncf.helm.config.v1+json");
    assertCorrupt(
        tar(withManifest(json -> layer(json).put("mediaType", "x.tar+gzip+encrypted"))),
        "encrypted");
    assertCorrupt(tar(withManifest(json -> layer(json).put("size", 5))), "the manifest says 5");
    assertCorrupt(
        tar(withManifest(json -> layer(json).put("digest", "sha256:" + "0".repeat(64)))),
        "is not there");
    assertCorrupt(
        tar(withManifest(json -> ((ArrayNode) json.path("layers")).remove(0))), "lists 1 layers");
  }

  private static ObjectNode layer(ObjectNode manifest) {
    return (ObjectNode) manifest.path("layers").path(0);
  }

  @Test
  void indexesNestedWithoutEndAreRefused() throws IOException {
    Map<String, byte[]> files = TestImages.ociFiles(SPEC, NAME, Packaging.PLAIN);
    byte[] index = requireNonNull(files.get("index.json"));
    for (int i = 0; i < 10; i++) {
      index = nested(files, index);
    }
    files.put("index.json", index);
    assertCorrupt(tar(files), "nested too deep");
  }

  /** An index that lists this index, which becomes a blob. */
  private static byte[] nested(Map<String, byte[]> files, byte[] inner) throws IOException {
    files.put("blobs/sha256/" + Digest.of(inner).hex(), inner);
    ObjectNode outer = JSON.createObjectNode().put("schemaVersion", 2);
    outer.putArray("manifests").addObject().put("digest", Digest.of(inner).toString());
    return JSON.writeValueAsBytes(outer);
  }

  // several images

  @Test
  void theImageOfThatNameIsTaken() throws IOException {
    ImageSpec other = SPEC.withFile("more", "more");
    Map<String, ImageSpec> both = new LinkedHashMap<>();
    both.put(NAME, SPEC);
    both.put(OTHER, other);
    byte[] tar = TestTar.of(TestImages.ociFiles(both, Packaging.PLAIN));
    assertThat(ImageScanner.scan(tar(tar).withReference(NAME)).imageId())
        .isEqualTo(IMAGE.imageId());
    assertThat(ImageScanner.scan(tar(tar).withReference(OTHER)).imageId())
        .isEqualTo(new BuiltImage(other).imageId());
    assertUnsuitable(tar(tar), NAME + " (linux/amd64); docker.io/library/" + OTHER);
    assertUnsuitable(tar(tar).withReference("third:20250721-2118-f7a5a27"), NAME);
  }

  @Test
  void aSingleImageMayHaveAnyName() throws IOException {
    Map<String, byte[]> files = TestImages.dockerSaveFiles(SPEC, "nginx:latest");
    assertThat(ImageScanner.scan(tar(files).withReference(NAME)).imageId())
        .isEqualTo(IMAGE.imageId());
  }

  /** As containerd exports a multi-platform image of which it holds some, with attestations. */
  private static byte[] multiPlatform() throws IOException {
    ImageSpec arm = SPEC.withPlatform("linux/arm64");
    SequencedMap<String, byte[]> files = new LinkedHashMap<>();
    ArrayNode manifests = JSON.createArrayNode();
    for (ImageSpec spec : List.of(SPEC, arm)) {
      Map<String, byte[]> one = TestImages.ociFiles(spec, "", Packaging.GZIP);
      manifests.add(JSON.readTree(one.get("index.json")).path("manifests").path(0));
      files.putAll(one);
    }
    byte[] proof = utf8("{\"predicateType\":\"https://slsa.dev/provenance/v1\"}");
    files.put("blobs/sha256/" + Digest.of(proof).hex(), proof);
    ObjectNode attestation = manifests.addObject().put("digest", Digest.of(proof).toString());
    attestation.putObject("annotations").put("vnd.docker.reference.type", "attestation-manifest");
    attestation.putObject("platform").put("os", "unknown").put("architecture", "unknown");
    manifests.addObject().put("digest", "sha256:" + "a".repeat(64)); // not pulled
    ObjectNode inner = JSON.createObjectNode().put("schemaVersion", 2);
    inner.set("manifests", manifests);
    byte[] bytes = JSON.writeValueAsBytes(inner);
    files.put("index.json", nested(files, bytes));
    return TestTar.of(files);
  }

  @Test
  void theImageOfThatPlatformIsTaken() throws IOException {
    byte[] tar = multiPlatform();
    Platform amd64 = Platform.parse("linux/amd64");
    Platform arm64 = Platform.parse("linux/arm64");
    assertThat(ImageScanner.scan(tar(tar).withPlatform(amd64)).imageId())
        .isEqualTo(IMAGE.imageId());
    assertThat(ImageScanner.scan(tar(tar).withPlatform(arm64)).platform()).isEqualTo(arm64);
    assertUnsuitable(tar(tar), "several images");
    assertUnsuitable(
        tar(tar).withPlatform(Platform.parse("windows/amd64")), "no image for windows/amd64");
  }

  @Test
  void aFolderIsReadLikeItsTar() throws IOException {
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
