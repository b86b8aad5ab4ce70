package dev.s3dock.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.s3dock.testing.Packaging;
import dev.s3dock.testing.SameFiles;
import dev.s3dock.testing.engine.Engines;
import dev.s3dock.testing.engine.Engines.TestEngine;
import dev.s3dock.testing.engine.ImageSpec;
import dev.s3dock.testing.engine.TestImages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every command on a bucket that the original has filled: its sample objects, with archives in its
 * form, which is docker save in one gzip member.
 */
@ResourceLock("docker20")
@ResourceLock("docker26")
class OriginalCommandsTest {
  private static final String JULY = "my-app:20250731-2350-f7a5a27";
  private static final String STEM = "images/my-app/202508/my-app-20250731-2350-f7a5a27";
  private static final Path SAMPLES = Path.of("src/test/resources/original-bucket");
  private static final ImageSpec SPEC = ImageSpec.small().withFile("etc/motd", "from the original");

  @TempDir Path folder;
  private User user;
  private Path store;
  private Path saved;

  @BeforeEach
  void fill() throws Exception {
    store = folder.resolve("store");
    try (Stream<Path> files = Files.walk(SAMPLES)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".json")).toList()) {
        Path target = store.resolve(SAMPLES.relativize(file).toString());
        Files.createDirectories(target.getParent());
        Files.copy(file, target);
      }
    }
    saved = TestImages.legacyDockerSave(folder.resolve("saved.tar"), SPEC, JULY);
    publishAsTheOriginalDoes(saved);
    user = new User(folder).with("S3DOCK_BUCKET", store.toUri().toString());
  }

  private void publishAsTheOriginalDoes(Path tar) throws Exception {
    Path archive = store.resolve(STEM + ".tar.gz");
    TestImages.packaged(archive, tar, Packaging.GZIP);
    byte[] bytes = Files.readAllBytes(archive);
    Path metadata = store.resolve(STEM + ".json");
    ObjectMapper mapper = new ObjectMapper();
    ObjectNode fields = (ObjectNode) mapper.readTree(metadata.toFile());
    fields.put("size", bytes.length);
    fields.put(
        "checksum", HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(bytes)));
    mapper.writeValue(metadata.toFile(), fields);
  }

  @Test
  void the_reading_commands_understand_it() {
    assertThat(user.s3dock("current", "my-app", "production").ok().line()).isEqualTo(JULY);
    assertThat(user.s3dock("current", "my-app", "staging").ok().line())
        .isEqualTo("my-app:20250720-1045-def5678");
    assertThat(user.s3dock("list", "apps").ok().line()).isEqualTo("my-app");
    assertThat(user.s3dock("list", "images", "my-app").ok().out().lines())
        .containsExactly(JULY + "\t202508\t", "my-app:20250720-1045-def5678\t202507\t");
    assertThat(user.s3dock("list", "tags", "my-app").ok().line()).isEqualTo("v1.2.0\t" + JULY);
    assertThat(user.s3dock("list", "envs", "my-app").ok().out())
        .contains("production\t" + JULY + "\tv1.2.0");
    assertThat(user.s3dock("list", "tag-for", "my-app", "production").ok().line())
        .isEqualTo("v1.2.0");
  }

  @Test
  void its_images_are_tagged_and_promoted_where_they_lie() throws IOException {
    user.s3dock("tag", JULY, "v1.2.1").ok();
    user.s3dock("promote", "my-app", "v1.2.1", "production").ok();
    user.s3dock("promote", JULY, "qa", "--create").ok();
    assertThat(Files.readString(store.resolve("tags/my-app/v1.2.1.json"))).contains(STEM);
    assertThat(Files.readString(store.resolve("pointers/my-app/qa.json"))).contains(STEM);
    assertThat(user.s3dock("current", "my-app", "production").ok().line()).isEqualTo(JULY);
  }

  @Test
  void the_same_image_is_recognised_on_push() {
    JsonNode pushed =
        user.s3dock("push", JULY, "--from", saved.toString(), "--json").ok().json().path("data");
    assertThat(pushed.path("skipped").booleanValue()).isTrue();
    assertThat(pushed.path("s3_key").textValue()).isEqualTo(STEM + ".tar.gz");
  }

  @Test
  void another_image_takes_its_place_and_the_old_one_is_kept() {
    Path other =
        TestImages.dockerSave(
            folder.resolve("other.tar"), SPEC.withFile("etc/motd", "changed"), JULY);
    JsonNode pushed =
        user.s3dock("push", JULY, "--from", other.toString(), "--json").ok().json().path("data");
    assertThat(pushed.path("archived").booleanValue()).isTrue();
    assertThat(pushed.path("s3_key").textValue()).isEqualTo(STEM + ".tar.gz");
    assertThat(user.s3dock("current", "my-app", "production").ok().line()).isEqualTo(JULY);
  }

  @Test
  void its_archives_are_pulled_to_files_and_layouts() {
    Path file = folder.resolve("pulled.tar.gz");
    user.s3dock("pull", "my-app", "production", "--to", file.toString()).ok();
    SameFiles.require(file, store.resolve(STEM + ".tar.gz"));
    Path layout = folder.resolve("layout");
    user.s3dock("pull", "my-app", "v1.2.0", "--to", layout + "/").ok();
    assertThat(layout.resolve("index.json")).exists();
    assertThat(user.temporary()).isEmptyDirectory();
  }

  @Test
  void an_archive_that_is_not_what_its_md5_says_is_not_used() throws IOException {
    Path archive = store.resolve(STEM + ".tar.gz");
    byte[] bytes = Files.readAllBytes(archive);
    bytes[bytes.length - 30] ^= 1;
    Files.write(archive, bytes);
    User.Result result =
        user.s3dock("pull", "my-app", "production", "--to", folder.resolve("x").toString());
    assertThat(result.exitCode()).isEqualTo(5);
    assertThat(result.err()).contains(STEM, "MD5");
  }

  @Tag("engine")
  @ParameterizedTest
  @ValueSource(strings = {"20.10", "26.1"})
  void its_archives_are_pulled_into_an_engine(String version) throws Exception {
    TestEngine engine = version.equals("26.1") ? Engines.docker26() : Engines.docker20();
    Path context = folder.resolve("context");
    engine.helloImage(context, JULY, "from the original");
    Path tar = folder.resolve("engine.tar");
    engine.docker("save", "-o", tar.toString(), JULY);
    publishAsTheOriginalDoes(tar);
    user.with(engine.environment());
    assertThat(user.s3dock("pull", "my-app", "production").ok().out())
        .contains("already in the engine");
    assertThat(user.s3dock("push", JULY).ok().out()).contains("already published");
    engine.docker("rmi", "-f", JULY);
    assertThat(user.s3dock("pull", "my-app", "production").ok().out()).contains("pulled " + JULY);
    assertThat(
            engine.docker(
                "run", "--rm", "--network", "none", JULY, "/bin/busybox", "cat", "/www/index.html"))
        .contains("from the original");
    assertThat(List.of(engine.docker("images", "-q", JULY).split("\n"))).hasSize(1);
  }
}
