package dev.s3dock.cli.image;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.s3dock.cli.User;
import dev.s3dock.testing.Packaging;
import dev.s3dock.testing.TestTar;
import dev.s3dock.testing.engine.ImageSpec;
import dev.s3dock.testing.engine.TestImages;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SequencedMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InspectCommandTest {
  private static final String REF = "my-app:20250721-2118-f7a5a27";
  private static final String OLD = "my-app:20250620-1045-def5678";
  private static final String STEM = "images/my-app/202507/my-app-20250721-2118-f7a5a27";
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;
  private User user;
  private Path store;

  @BeforeEach
  void open() {
    store = folder.resolve("store");
    user = new User(folder).with("S3DOCK_BUCKET", store.toUri().toString());
  }

  private void push(String reference, ImageSpec spec) {
    Path tar = TestImages.dockerSave(folder.resolve("image.tar"), spec, reference);
    user.s3dock("push", reference, "--from", tar.toString()).ok();
  }

  /** Publishes an image whose config says how to run it. */
  private void pushWithSettings(String config) throws IOException {
    SequencedMap<String, byte[]> files = TestImages.dockerSaveFiles(ImageSpec.small(), REF);
    files.remove("index.json");
    files.remove("oci-layout");
    ArrayNode manifest = (ArrayNode) JSON.readTree(files.get("manifest.json"));
    ObjectNode entry = (ObjectNode) manifest.get(0);
    ObjectNode image = (ObjectNode) JSON.readTree(files.remove(entry.path("Config").textValue()));
    image.set("config", JSON.readTree(config));
    files.put("config.json", JSON.writeValueAsBytes(image));
    entry.put("Config", "config.json");
    files.put("manifest.json", JSON.writeValueAsBytes(manifest));
    Path tar = Files.write(folder.resolve("settings.tar"), TestTar.of(files));
    user.s3dock("push", REF, "--from", tar.toString()).ok();
  }

  private void put(String key, String text) throws IOException {
    Path file = store.resolve(key);
    Files.createDirectories(file.resolveSibling("."));
    Files.writeString(file, text, StandardCharsets.UTF_8);
  }

  private JsonNode inspect(String... words) {
    String[] args = new String[words.length + 2];
    args[0] = "inspect";
    System.arraycopy(words, 0, args, 1, words.length);
    args[words.length + 1] = "--json";
    return user.s3dock(args).ok().json().path("data");
  }

  @Test
  void it_tells_how_an_image_runs_and_no_values_of_variables() throws IOException {
    pushWithSettings(
        """
        {"Entrypoint": ["/app/run"], "Cmd": ["--port", "8080"], "Env": ["TOKEN=planted-secret"],
         "User": "app", "ExposedPorts": {"8080/tcp": {}}, "WorkingDir": "/app",
         "Labels": {"team": "a", "red": "\\u001b[31m"}}
        """);
    String text = user.onTerminal().s3dock("inspect", REF).ok().out();
    assertThat(text.lines())
        .contains(
            "image         " + REF,
            "versions      -",
            "platform      linux/amd64",
            "archive       " + STEM + ".tar.gz",
            "entrypoint    \"/app/run\"",
            "command       \"--port\" \"8080\"",
            "variables     TOKEN",
            "ports         8080/tcp",
            "user          app",
            "folder        /app",
            "created       2025-07-21T21:18:00Z",
            "label         team=a",
            "label         red=?[31m");
    assertThat(text).containsPattern("  sha256:[0-9a-f]{64}  \\d+ B, uncompressed .*, 1 chunk\n");
    JsonNode config = inspect(REF).at("/platforms/0/config");
    assertThat(config.path("entrypoint").toString()).isEqualTo("[\"/app/run\"]");
    assertThat(config.path("command").toString()).isEqualTo("[\"--port\",\"8080\"]");
    assertThat(config.path("environment_names").toString()).isEqualTo("[\"TOKEN\"]");
    assertThat(config.path("ports").toString()).isEqualTo("[\"8080/tcp\"]");
    assertThat(config.at("/labels/team").textValue()).isEqualTo("a");
    assertThat(text + inspect(REF)).doesNotContain("planted-secret", "\u001b");
  }

  @Test
  void it_tells_layers_sizes_and_what_is_shared_with_others() throws IOException {
    push(OLD, ImageSpec.small().withFile("page", "old"));
    push(REF, ImageSpec.small().withFile("page", "new"));
    JsonNode platform = inspect(REF).at("/platforms/0");
    long size = Files.size(store.resolve(STEM + ".tar.gz"));
    assertThat(platform.path("size").longValue()).isEqualTo(size);
    assertThat(platform.path("layers")).hasSize(3);
    long first = platform.at("/layers/0/size").longValue();
    long second = platform.at("/layers/1/size").longValue();
    assertThat(platform.at("/layers/0/chunks").intValue()).isEqualTo(1);
    assertThat(platform.at("/layers/0/raw_size").longValue()).isGreaterThan(first);
    assertThat(platform.path("shared_size").longValue()).isEqualTo(first + second);
    assertThat(platform.at("/neighbours/0/image_ref").textValue()).isEqualTo(OLD);
    assertThat(platform.at("/neighbours/0/shared_size").longValue()).isEqualTo(first + second);
    assertThat(platform.path("compression").textValue()).startsWith("gzip:");
  }

  @Test
  void it_tells_who_is_at_the_image() throws IOException {
    push(OLD, ImageSpec.small().withFile("page", "old"));
    push(REF, ImageSpec.small());
    user.s3dock("tag", REF, "v1.2.0").ok();
    user.s3dock("tag", REF, "v1.10.0").ok();
    user.s3dock("tag", OLD, "v1.0.0").ok();
    user.s3dock("promote", "my-app", "v1.2.0", "production").ok();
    user.s3dock("promote", REF, "qa", "--create").ok();
    user.s3dock("promote", OLD, "staging", "--create").ok();
    report("production", "web-1", REF, OLD);
    report("staging", "web-2", OLD, REF);
    report("staging", "web-3\\u001b[31m", REF, OLD);
    put(
        "deployments/my-app/staging/web-4.json",
        "{\"host\": \"web-4\", \"image_reference\": \"x\"}");
    put("tags/my-app/v9.json", "{");
    put("pointers/my-app/odd.json", "{\"target_type\": \"image\", \"target_path\": \"x\"}");
    JsonNode data = inspect("my-app", "qa");
    assertThat(data.path("source").textValue()).isEqualTo("my-app:qa");
    assertThat(data.path("source_type").textValue()).isEqualTo("environment");
    assertThat(data.path("image_ref").textValue()).isEqualTo(REF);
    assertThat(data.path("versions").toString()).isEqualTo("[\"v1.10.0\",\"v1.2.0\"]");
    assertThat(data.path("environments").toString())
        .isEqualTo(
            "[{\"environment\":\"production\",\"version\":\"v1.2.0\"},"
                + "{\"environment\":\"qa\",\"version\":\"\"}]");
    String text = user.s3dock("inspect", "my-app", "v1.10.0").ok().out();
    assertThat(text.lines())
        .contains(
            "versions      v1.10.0, v1.2.0",
            "environments  production (v1.2.0), qa",
            "hosts         web-1 (production), web-2 (staging, kept), web-3?[31m (staging)");
  }

  private void report(String environment, String host, String live, String kept)
      throws IOException {
    put(
        "deployments/my-app/%s/%s.json".formatted(environment, host.substring(0, 5)),
        "{\"host\": \"%s\", \"image_reference\": \"%s\", \"previous_image\": \"%s\"}"
            .formatted(host, live, kept));
  }

  @Test
  void every_platform_is_told() {
    push(REF, ImageSpec.small());
    push(REF, ImageSpec.small().withPlatform("linux/arm64"));
    JsonNode platforms = inspect("my-app", "20250721-2118-f7a5a27").path("platforms");
    assertThat(platforms)
        .extracting(it -> it.path("platform").textValue())
        .containsExactly("linux/amd64", "linux/arm64");
    assertThat(platforms.at("/0/neighbours")).as("they are no neighbours").isEmpty();
  }

  @Test
  void an_archive_of_the_original_tells_that_it_has_no_index() throws IOException {
    Path tar = TestImages.legacyDockerSave(folder.resolve("saved.tar"), ImageSpec.small(), REF);
    Path archive = TestImages.packaged(store.resolve(STEM + ".tar.gz"), tar, Packaging.GZIP);
    put(
        STEM + ".json",
        "{\"checksum\": \"9e107d9d372bb6826bd81d3542a419d6\", \"size\": %d}"
            .formatted(Files.size(archive)));
    user.s3dock("promote", REF, "production").ok();
    assertThat(user.s3dock("inspect", "my-app", "production").ok().out())
        .contains("original s3dock", "environments  production", "(unknown)", "9e107d9d37");
    JsonNode platform = inspect(REF).at("/platforms/0");
    assertThat(platform.path("indexed").booleanValue()).isFalse();
    assertThat(platform.path("size").longValue()).isEqualTo(Files.size(archive));
    assertThat(platform.has("layers")).isFalse();
  }

  private void fails(int exitCode, String hint, String... args) {
    User.Result result = user.s3dock(args);
    assertThat(result.exitCode()).as(result.err()).isEqualTo(exitCode);
    assertThat(result.out()).isEmpty();
    assertThat(result.err()).contains(hint);
  }

  @Test
  void what_is_not_there_or_leads_nowhere_is_told() throws IOException {
    push(REF, ImageSpec.small());
    user.s3dock("promote", REF, "production").ok();
    fails(3, "did you mean production?", "inspect", "my-app", "producton");
    fails(3, "is not published", "inspect", "my-app:20250721-2118-f7a5a28");
    fails(2, "my-app:production", "inspect", "my-app");
    fails(2, "malformed image reference", "inspect", "my-app:");
    byte[] archive = Files.readAllBytes(store.resolve(STEM + ".tar.gz"));
    archive[archive.length - 100] ^= 1;
    Files.write(store.resolve(STEM + ".tar.gz"), archive);
    fails(5, "is damaged", "inspect", REF);
    Files.delete(store.resolve(STEM + ".tar.gz"));
    fails(5, "is missing", "inspect", REF);
    Files.delete(store.resolve(STEM + ".json"));
    fails(5, "pointers/my-app/production.json leads to", "inspect", "my-app", "production");
  }
}
