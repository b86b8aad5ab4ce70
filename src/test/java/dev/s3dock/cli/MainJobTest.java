package dev.s3dock.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.s3dock.testing.Packaging;
import dev.s3dock.testing.SameFiles;
import dev.s3dock.testing.engine.ImageSpec;
import dev.s3dock.testing.engine.TestImages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The main job without an engine: push from files, tag, promote, look, pull to files. */
class MainJobTest {
  private static final String REF = "my-app:20250721-2118-f7a5a27";
  private static final String OLD = "my-app:20250620-1045-def5678";

  @TempDir Path folder;
  private User user;
  private Path store;

  @BeforeEach
  void publish() {
    user = new User(folder);
    store = folder.resolve("store");
    user.with("S3DOCK_BUCKET", store.toUri().toString());
  }

  private Path saved(String name, String content) {
    return TestImages.dockerSave(
        folder.resolve(name), ImageSpec.small().withFile("app/page.html", content), REF);
  }

  private List<String> stored() throws IOException {
    try (Stream<Path> files = Files.walk(store)) {
      return files
          .filter(Files::isRegularFile)
          .map(file -> store.relativize(file).toString())
          .filter(file -> !file.startsWith(".s3dock"))
          .sorted()
          .toList();
    }
  }

  @Test
  void push_tag_promote_current_list_pull() throws IOException {
    user.s3dock("push", OLD, "--from", saved("old.tar", "old").toString()).ok();
    user.s3dock("push", REF, "--from", saved("new.tar", "new").toString()).ok();
    user.s3dock("tag", OLD, "v1.1.5").ok();
    user.s3dock("tag", REF, "v1.2.0").ok();
    user.s3dock("promote", OLD, "staging").ok();
    user.s3dock("promote", "my-app", "v1.2.0", "production", "--create").ok();

    assertThat(user.s3dock("current", "my-app", "production").ok().out()).isEqualTo(REF + "\n");
    assertThat(user.s3dock("list", "apps").ok().out()).isEqualTo("my-app\n");
    assertThat(user.s3dock("list", "images", "my-app").ok().out().lines())
        .containsExactly(REF + "\t202507\t", OLD + "\t202506\t");
    assertThat(user.s3dock("list", "images", "my-app", "--month", "202506").ok().out())
        .startsWith(OLD);
    assertThat(user.s3dock("list", "tags", "my-app").ok().out())
        .isEqualTo("v1.2.0\t" + REF + "\nv1.1.5\t" + OLD + "\n");
    assertThat(user.s3dock("list", "envs", "my-app").ok().out())
        .isEqualTo("production\t" + REF + "\tv1.2.0\nstaging\t" + OLD + "\t\n");
    assertThat(user.s3dock("list", "tag-for", "my-app", "production").ok().line())
        .isEqualTo("v1.2.0");
    assertThat(user.s3dock("list", "tag-for", "my-app", "staging").ok().out()).isEmpty();

    Path archive = folder.resolve("pulled.tar.gz");
    user.s3dock("pull", "my-app", "production", "--to", archive.toString()).ok();
    SameFiles.require(
        archive, store.resolve("images/my-app/202507/my-app-20250721-2118-f7a5a27.tar.gz"));
    assertThat(stored()).filteredOn(key -> key.startsWith("audit/")).hasSize(6);
    assertThat(user.temporary()).isEmptyDirectory();
  }

  private void compress(String with) throws IOException {
    Path file = folder.resolve("home/.s3dock/config.json5");
    Files.createDirectories(file.getParent());
    Files.writeString(file, "{docker: {compression: '%s'}}".formatted(with));
  }

  @Test
  void an_image_in_zstd_is_published_pointed_at_listed_pulled_and_replaced_like_any_other()
      throws IOException {
    compress("zstd:5");
    String key = "images/my-app/202507/my-app-20250721-2118-f7a5a27.tar.zst";
    var pushed =
        user.s3dock("push", REF, "--from", saved("a.tar", "one") + "", "--json").ok().json();
    assertThat(pushed.at("/data/s3_key").textValue()).isEqualTo(key);
    user.s3dock("tag", REF, "v1").ok();
    user.s3dock("promote", "my-app", "v1", "production").ok();
    user.s3dock("promote", REF, "staging", "--create").ok();
    assertThat(Files.readString(store.resolve("pointers/my-app/staging.json"))).contains(key);
    assertThat(user.s3dock("list", "images", "my-app", "--json").ok().out()).contains(key);
    for (String environment : List.of("staging", "production")) {
      Path file = folder.resolve(environment + ".tar.zst");
      user.s3dock("pull", "my-app", environment, "--to", file.toString()).ok();
      SameFiles.require(file, store.resolve(key));
      Path layout = folder.resolve(environment);
      user.s3dock("pull", "my-app", environment, "--to", layout + "/").ok();
      for (Path again : List.of(file, layout)) {
        var result = user.s3dock("push", REF, "--from", again + "", "--json").ok().json();
        assertThat(result.at("/data/skipped").booleanValue()).isTrue();
      }
    }
    compress("gzip");
    var same = user.s3dock("push", REF, "--from", saved("b.tar", "one") + "", "--json").ok().json();
    assertThat(same.at("/data/skipped").booleanValue()).as("the same image").isTrue();
    var other =
        user.s3dock("push", REF, "--from", saved("c.tar", "two") + "", "--json").ok().json();
    assertThat(other.at("/data/s3_key").textValue()).as("it keeps its form").isEqualTo(key);
    assertThat(stored()).filteredOn(name -> name.startsWith("images/")).hasSize(2);
    assertThat(stored())
        .filteredOn(name -> name.startsWith("archive/"))
        .anyMatch(name -> name.endsWith(".tar.zst"));
    Path file = folder.resolve("replaced.tar.zst");
    user.s3dock("pull", "my-app", "production", "--to", file.toString()).ok();
    SameFiles.require(file, store.resolve(key));
  }

  @Test
  void a_pulled_layout_is_pushed_again_as_the_same_image() {
    user.s3dock("push", REF, "--from", saved("a.tar", "x").toString()).ok();
    Path layout = folder.resolve("layout");
    user.s3dock("pull", "my-app", "20250721-2118-f7a5a27", "--to", layout + "/").ok();
    assertThat(layout.resolve("oci-layout")).exists();
    var again = user.s3dock("push", REF, "--from", layout.toString(), "--json").ok().json();
    assertThat(again.at("/data/skipped").booleanValue()).isTrue();
  }

  @Test
  void every_form_of_one_image_is_the_same_image() {
    ImageSpec spec = ImageSpec.small().withFile("etc/motd", "hello");
    user.s3dock("push", REF, "--from", TestImages.dockerSave(folder.resolve("a"), spec, REF) + "")
        .ok();
    List<Path> forms = new ArrayList<>();
    forms.add(TestImages.legacyDockerSave(folder.resolve("b"), spec, REF));
    for (Packaging packaging : Packaging.values()) {
      forms.add(TestImages.ociArchive(folder.resolve("c" + packaging), spec, REF, packaging));
      forms.add(TestImages.ociLayout(folder.resolve("d" + packaging), spec, REF, packaging));
      forms.add(
          TestImages.packaged(folder.resolve("e" + packaging), folder.resolve("a"), packaging));
    }
    for (Path form : forms) {
      JsonNode result = user.s3dock("push", REF, "--from", form.toString(), "--json").ok().json();
      assertThat(result.at("/data/skipped").booleanValue()).as(form.toString()).isTrue();
    }
  }

  @Test
  void another_image_under_the_same_reference_is_set_aside() throws IOException {
    user.s3dock("push", REF, "--from", saved("a.tar", "one").toString()).ok();
    byte[] first =
        Files.readAllBytes(
            store.resolve("images/my-app/202507/my-app-20250721-2118-f7a5a27.tar.gz"));
    JsonNode second =
        user.s3dock("push", REF, "--from", saved("b.tar", "two").toString(), "--json").ok().json();
    assertThat(second.at("/data/archived").booleanValue()).isTrue();
    List<String> archived = stored().stream().filter(key -> key.startsWith("archive/")).toList();
    assertThat(archived).hasSize(2);
    assertThat(store.resolve(archived.getLast())).hasBinaryContent(first);
    assertThat(archived.getLast())
        .matches("archive/my-app/202507/my-app-20250721-2118-f7a5a27-archived-on-.*\\.tar\\.gz");
  }

  @Test
  void a_second_platform_lies_beside_the_first_and_is_pulled_by_name() {
    ImageSpec amd = ImageSpec.small();
    ImageSpec arm = ImageSpec.small().withPlatform("linux/arm64");
    user.s3dock("push", REF, "--from", TestImages.dockerSave(folder.resolve("a"), amd, REF) + "")
        .ok();
    JsonNode second =
        user.s3dock(
                "push",
                REF,
                "--json",
                "--from",
                TestImages.dockerSave(folder.resolve("b"), arm, REF).toString())
            .ok()
            .json();
    assertThat(second.at("/data/s3_key").textValue())
        .isEqualTo("images/my-app/202507/my-app-20250721-2118-f7a5a27.linux-arm64.tar.gz");
    user.s3dock("promote", REF, "production").ok();
    JsonNode pulled =
        user.s3dock(
                "pull",
                "my-app",
                "production",
                "--json",
                "--platform",
                "linux/arm64",
                "--to",
                folder.resolve("arm.tar.gz").toString())
            .ok()
            .json();
    assertThat(pulled.at("/data/s3_key")).isEqualTo(second.at("/data/s3_key"));
    User.Result missing =
        user.s3dock(
            "pull", "my-app", "production", "--platform", "linux/s390x", "--to", folder + "/x");
    assertThat(missing.exitCode()).isEqualTo(3);
    assertThat(missing.err()).contains("linux/s390x", "linux/amd64", "linux/arm64");
  }

  @Test
  void json_is_the_originals_envelope() {
    JsonNode pushed =
        user.s3dock("--json", "push", REF, "--from", saved("a.tar", "x").toString()).ok().json();
    assertThat(pushed.path("success").booleanValue()).isTrue();
    assertThat(pushed.path("command").textValue()).isEqualTo("push");
    assertThat(fields(pushed.path("data")))
        .contains("image_ref", "s3_key", "checksum", "size", "skipped", "archived");
    assertThat(fields(data("tag", REF, "v1.0.0"))).contains("image_ref", "version", "s3_key");
    assertThat(fields(data("promote", "my-app", "v1.0.0", "production")))
        .contains("source", "environment", "source_type", "image_ref", "skipped");
    assertThat(fields(data("current", "my-app", "production")))
        .contains("app_name", "environment", "image_ref");
    assertThat(data("list", "apps").path("apps").get(0).textValue()).isEqualTo("my-app");
    assertThat(fields(data("list", "images", "my-app").at("/images/0")))
        .contains("app_name", "tag", "s3_path", "year_month");
    assertThat(fields(data("list", "tags", "my-app").at("/tags/0")))
        .contains("app_name", "version", "target_image", "s3_path");
    assertThat(fields(data("list", "envs", "my-app").at("/environments/0")))
        .contains(
            "app_name", "environment", "target_type", "target_path", "source_tag", "source_image");
    assertThat(fields(data("list", "tag-for", "my-app", "production")))
        .contains("app_name", "environment", "tag", "direct");
    assertThat(fields(data("version"))).contains("version", "commit", "date");
    assertThat(fields(data("config", "show")))
        .contains("profile", "bucket", "region", "endpoint", "access_key");
    assertThat(fields(data("config", "list"))).contains("profiles", "default_profile");
    JsonNode failed = user.s3dock("current", "my-app", "nowhere", "--json").json();
    assertThat(failed.path("success").booleanValue()).isFalse();
    assertThat(failed.path("error").textValue()).contains("nowhere");
  }

  private JsonNode data(String... args) {
    List<String> withJson = new ArrayList<>(List.of(args));
    withJson.add("--json");
    return user.s3dock(withJson.toArray(String[]::new)).ok().json().path("data");
  }

  private static List<String> fields(JsonNode object) {
    List<String> names = new ArrayList<>();
    object.fieldNames().forEachRemaining(names::add);
    return names;
  }

  @Test
  void on_a_terminal_lists_are_tables() {
    user.s3dock("push", REF, "--from", saved("a.tar", "x").toString()).ok();
    user.onTerminal();
    assertThat(user.s3dock("list", "images", "my-app").ok().out().lines().map(String::strip))
        .satisfiesExactly(
            header ->
                assertThat(header)
                    .matches("IMAGE +MONTH +PLATFORM +SIZE +PUBLISHED +VERSIONS +ENVIRONMENTS"),
            row -> assertThat(row).matches(REF + " +202507 +[0-9.]+ KiB +(just now|[0-9]+ s ago)"));
  }

  @Test
  void images_are_listed_with_what_leads_to_them_and_only_as_many_as_are_asked_for() {
    user.s3dock("push", OLD, "--from", saved("old.tar", "old").toString()).ok();
    user.s3dock("push", REF, "--from", saved("new.tar", "new").toString()).ok();
    user.s3dock("tag", REF, "v1.9.0").ok();
    user.s3dock("tag", REF, "v1.10.0").ok();
    user.s3dock("promote", "my-app", "v1.10.0", "production").ok();
    user.s3dock("promote", REF, "staging", "--create").ok();
    List<String> inPipe =
        user.s3dock("list", "images", "my-app", "--limit", "1").ok().out().lines().toList();
    assertThat(inPipe).as("as scripts know it").containsExactly(REF + "\t202507\t");
    JsonNode json = user.s3dock("list", "images", "my-app", "--limit", "1", "--json").ok().json();
    assertThat(json.at("/data/images")).hasSize(1);
    assertThat(json.at("/data/images/0/size").longValue()).isPositive();
    assertThat(user.s3dock("list", "images", "my-app", "--limit", "0").exitCode()).isEqualTo(2);
    List<String> seen =
        user.onTerminal().s3dock("list", "images", "my-app").ok().out().lines().toList();
    assertThat(seen.get(1)).startsWith(REF).contains("v1.10.0, v1.9.0", "production, staging");
    assertThat(seen.get(2)).startsWith(OLD).doesNotContain("v1", "production");
  }

  @Test
  void promoting_again_is_skipped_and_a_wrong_expectation_is_a_conflict() {
    user.s3dock("push", REF, "--from", saved("a.tar", "x").toString()).ok();
    user.s3dock("promote", REF, "production").ok();
    assertThat(
            user.s3dock("promote", REF, "production", "--json")
                .ok()
                .json()
                .at("/data/skipped")
                .booleanValue())
        .isTrue();
    User.Result refused = user.s3dock("promote", REF, "production", "--expect", OLD);
    assertThat(refused.exitCode()).isEqualTo(4);
    assertThat(refused.err()).contains(REF, OLD);
    assertThat(user.s3dock("tag", REF, "v1.0.0").ok().exitCode()).isZero();
  }
}
