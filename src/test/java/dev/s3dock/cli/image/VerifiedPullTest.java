package dev.s3dock.cli.image;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.s3dock.cli.User;
import dev.s3dock.testing.Packaging;
import dev.s3dock.testing.SameFiles;
import dev.s3dock.testing.TestTar;
import dev.s3dock.testing.engine.ImageSpec;
import dev.s3dock.testing.engine.TestImages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a pull without an engine writes is the image that was asked for; and where it writes. */
class VerifiedPullTest {
  private static final String REF = "my-app:20250721-2118-f7a5a27";
  private static final String OTHER = "my-app:20250721-2119-1234567";
  private static final ImageSpec SPEC =
      ImageSpec.empty().withFile("etc/motd", "hello").withFile("data", new byte[100_000]);
  private static final ImageSpec EVIL = ImageSpec.empty().withFile("etc/motd", "evil");

  @TempDir Path folder;
  private User user;
  private Path store;
  private Path work;

  @BeforeEach
  void publish() {
    store = folder.resolve("store");
    user = new User(folder).with("S3DOCK_BUCKET", store.toUri().toString());
    work = user.workingDirectory();
    push(REF, SPEC);
  }

  private void push(String reference, ImageSpec spec) {
    Path image = TestImages.dockerSave(folder.resolve("image.tar"), spec, reference);
    user.s3dock("push", reference, "--from", image.toString()).ok();
  }

  private Path object(String reference, String suffix) {
    return store.resolve("images/my-app/202507/" + reference.replace(':', '-') + suffix);
  }

  private User.Result pull(String to) {
    return user.s3dock("pull", "my-app", REF.split(":")[1], "--to", to);
  }

  /** Puts bytes in the archive's place, and makes size and MD5 of the metadata theirs. */
  private void replaceArchive(byte[] bytes, boolean withIndex) throws Exception {
    Files.write(object(REF, ".tar.gz"), bytes);
    ObjectMapper mapper = new ObjectMapper();
    Path metadata = object(REF, ".json");
    ObjectNode fields = (ObjectNode) mapper.readTree(metadata.toFile());
    fields.put("size", bytes.length);
    fields.put(
        "checksum", HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(bytes)));
    if (!withIndex) {
      fields.remove("archive");
    }
    mapper.writeValue(metadata.toFile(), fields);
  }

  private void refusedEverywhere(String... words) throws IOException {
    for (String to : List.of("x.tar.gz", "layout/", "-")) {
      User.Result result = pull(to);
      assertThat(result.exitCode()).as(to + ": " + result.err()).isEqualTo(5);
      assertThat(result.err()).contains(words);
      assertThat(result.out()).isEmpty();
    }
    assertThat(work.resolve("x.tar.gz")).doesNotExist();
    assertThat(work.resolve("layout/index.json")).doesNotExist();
    assertThat(user.temporary()).isEmptyDirectory();
    try (Stream<Path> files = Files.list(work)) {
      assertThat(files.filter(file -> !file.endsWith("layout"))).isEmpty();
    }
  }

  @Test
  void an_archive_that_its_index_does_not_describe_is_refused() throws Exception {
    byte[] evil =
        Packaging.GZIP.apply(
            Files.readAllBytes(
                TestImages.dockerSave(folder.resolve("evil.tar"), EVIL, "postgres:15")));
    int size = Math.toIntExact(Files.size(object(REF, ".tar.gz")));
    replaceArchive(Arrays.copyOf(evil, size), true);
    refusedEverywhere("damaged");
  }

  @Test
  void a_file_that_has_the_md5_of_a_forged_archive_does_not_pass_for_it() throws Exception {
    byte[] evil = Arrays.copyOf(new byte[] {1}, (int) Files.size(object(REF, ".tar.gz")));
    replaceArchive(evil, true);
    Files.write(work.resolve("x.tar.gz"), evil);
    assertThat(pull("x.tar.gz").exitCode()).isEqualTo(5);
  }

  @Test
  void a_pair_that_was_copied_from_another_reference_is_refused() throws Exception {
    push(OTHER, EVIL);
    Files.copy(object(OTHER, ".tar.gz"), replaced(object(REF, ".tar.gz")));
    Files.copy(object(OTHER, ".json"), replaced(object(REF, ".json")));
    refusedEverywhere("is the metadata of " + OTHER);
    Path metadata = object(REF, ".json");
    Files.writeString(metadata, Files.readString(metadata).replace(OTHER, REF));
    refusedEverywhere("damaged", REF);
  }

  private static Path replaced(Path file) throws IOException {
    Files.delete(file);
    return file;
  }

  @Test
  void an_archive_without_index_is_refused_if_it_names_another_image() throws Exception {
    Path evil = TestImages.legacyDockerSave(folder.resolve("evil.tar"), EVIL, "postgres:15");
    replaceArchive(Packaging.GZIP.apply(Files.readAllBytes(evil)), false);
    refusedEverywhere("names its image postgres:15");
  }

  @Test
  void an_archive_without_index_is_refused_if_it_holds_another_image_too() throws Exception {
    byte[] two =
        TestTar.of(TestImages.ociFiles(Map.of(REF, SPEC, "postgres:15", EVIL), Packaging.PLAIN));
    replaceArchive(Packaging.GZIP.apply(two), false);
    refusedEverywhere("holds other images too");
  }

  @Test
  void an_archive_without_index_may_name_a_registry() throws Exception {
    String name = "registry.example.com/team/" + REF;
    Path saved = TestImages.legacyDockerSave(folder.resolve("saved.tar"), SPEC, name);
    replaceArchive(Packaging.GZIP.apply(Files.readAllBytes(saved)), false);
    pull("x.tar.gz").ok();
    SameFiles.require(work.resolve("x.tar.gz"), object(REF, ".tar.gz"));
  }

  @Test
  void a_dash_is_standard_output() throws Exception {
    Path output = folder.resolve("output");
    Process process =
        user.start(200, output, "pull", "my-app", REF.split(":")[1], "--to", "-", "--quiet");
    assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
    SameFiles.require(output, object(REF, ".tar.gz"));
    assertThat(work).isEmptyDirectory();
  }

  @Test
  void standard_output_takes_one_of_both() {
    User.Result both = user.s3dock("pull", "my-app", "production", "--to", "-", "--json");
    assertThat(both.exitCode()).isEqualTo(2);
    assertThat(user.onTerminal().s3dock("pull", "my-app", "x", "--to", "-").err())
        .contains("| docker load");
  }

  @Test
  void a_dash_is_standard_input() throws IOException {
    Path image = TestImages.dockerSave(folder.resolve("image.tar"), EVIL, OTHER);
    user.typing(Files.readAllBytes(image)).s3dock("push", OTHER, "--from", "-").ok();
    assertThat(object(OTHER, ".tar.gz")).exists();
    assertThat(user.typing(new byte[] {1}).s3dock("push", REF, "--from", "-").err())
        .contains("standard input");
  }

  @Test
  void a_pipe_is_written_and_stays_one() throws Exception {
    Path pipe = work.resolve("pipe");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    List<byte[]> read = new ArrayList<>();
    Thread reader = Thread.startVirtualThread(() -> read.add(bytes(pipe)));
    pull("pipe").ok();
    reader.join();
    assertThat(read.getFirst()).isEqualTo(Files.readAllBytes(object(REF, ".tar.gz")));
    assertThat(Files.readAttributes(pipe, "isOther").get("isOther")).isEqualTo(true);
  }

  private static byte[] bytes(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void a_link_stays_and_its_file_is_replaced() throws IOException {
    Path real = Files.writeString(folder.resolve("real"), "notes");
    Path link = Files.createSymbolicLink(work.resolve("link"), real);
    pull("link").ok();
    assertThat(link).isSymbolicLink();
    SameFiles.require(real, object(REF, ".tar.gz"));
    Files.delete(real);
    User.Result dangling = pull("link");
    assertThat(dangling.exitCode()).isEqualTo(1);
    assertThat(dangling.err()).contains("leads nowhere");
    assertThat(link).isSymbolicLink();
  }

  @Test
  void a_link_in_a_layout_is_not_replaced() throws IOException {
    pull("layout/").ok();
    Path index = work.resolve("layout/index.json");
    Path real = Files.move(index, folder.resolve("index.json"));
    Files.createSymbolicLink(index, real);
    assertThat(pull("layout/").err()).contains("index.json", "is no regular file");
    assertThat(index).isSymbolicLink();
  }
}
