package dev.s3dock.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.s3dock.testing.engine.ImageSpec;
import dev.s3dock.testing.engine.TestImages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Everywhere an image is named alike: by itself, by a version, by an environment. */
class NamedImagesTest {
  private static final String OLD = "shop:20250720-1045-def5678";
  private static final String NEW = "shop:20250721-2118-f7a5a27";

  @TempDir Path folder;
  private User user;

  @BeforeEach
  void publish() {
    user = new User(folder).with("S3DOCK_BUCKET", folder.resolve("store").toUri().toString());
    for (String reference : List.of(OLD, NEW)) {
      Path tar = folder.resolve(reference.substring(5) + ".tar");
      ImageSpec image = ImageSpec.small().withFile("name", reference.getBytes(UTF_8));
      user.s3dock("push", reference, "--from", TestImages.dockerSave(tar, image, reference) + "")
          .ok();
    }
    user.s3dock("tag", OLD, "v1.0.0").ok();
    user.s3dock("promote", "shop", "v1.0.0", "production").ok();
    user.s3dock("promote", NEW, "staging", "--create").ok();
  }

  private void configure(String text) throws IOException {
    Files.writeString(user.workingDirectory().resolve("s3dock.json5"), text);
  }

  private JsonNode data(String line) {
    return user.s3dock(Stream.of((line + " --json").split(" ")).toArray(String[]::new))
        .ok()
        .json()
        .path("data");
  }

  @ParameterizedTest
  @CsvSource({
    "pull shop:production --to OUT, pull shop production --to OUT",
    "pull shop:v1.0.0 --to OUT, pull shop v1.0.0 --to OUT",
    "pull shop:20250721-2118-f7a5a27 --to OUT, pull shop 20250721-2118-f7a5a27 --to OUT",
    "pull shop shop:v1.0.0 --to OUT, pull shop v1.0.0 --to OUT",
    "inspect shop:production, inspect shop production",
    "inspect host:5000/team/shop:v1.0.0, inspect shop v1.0.0",
    "current shop:staging, current shop staging",
    "history shop:production, history shop production",
    "list tag-for shop:production, list tag-for shop production",
    "verify shop:v1.0.0, verify shop v1.0.0",
    "rollback shop:production --to shop:staging --dry-run, "
        + "rollback shop production --to 20250721-2118-f7a5a27 --dry-run",
    "rollback shop:staging --to shop:v1.0.0 --dry-run, "
        + "rollback shop staging --to v1.0.0 --dry-run"
  })
  void one_word_means_what_two_words_mean(String one, String two) {
    String first = one.replace("OUT", folder.resolve("1.tar.gz").toString());
    String second = two.replace("OUT", folder.resolve("2.tar.gz").toString());
    assertThat(data(first)).isEqualTo(data(second));
  }

  @ParameterizedTest
  @CsvSource({
    "current production, current shop production",
    "current shop:staging, current shop staging",
    "pull staging --to OUT, pull shop staging --to OUT",
    "inspect v1.0.0, inspect shop v1.0.0",
    "history production, history shop production",
    "list images, list images shop",
    "list tags, list tags shop",
    "list envs, list envs shop",
    "list tag-for production, list tag-for shop production",
    "audit, audit shop",
    "rollback staging --to v1.0.0 --dry-run, rollback shop staging --to v1.0.0 --dry-run"
  })
  void the_app_of_the_configuration_is_meant_where_none_is_named(String one, String two)
      throws IOException {
    configure("{app: 'shop'}");
    String first = one.replace("OUT", folder.resolve("1.tar.gz").toString());
    String second = two.replace("OUT", folder.resolve("2.tar.gz").toString());
    assertThat(data(first)).isEqualTo(data(second));
  }

  @Test
  void a_version_is_promoted_as_a_version_and_an_environment_as_its_image() {
    JsonNode version = data("promote shop:v1.0.0 test --create");
    assertThat(version.path("source_type").textValue()).isEqualTo("tag");
    assertThat(version.path("source").textValue()).isEqualTo("shop:v1.0.0");
    JsonNode image = data("promote shop:staging test --expect shop:v1.0.0");
    assertThat(image.path("source_type").textValue()).isEqualTo("image");
    assertThat(image.path("source").textValue()).isEqualTo(NEW);
    assertThat(data("promote shop:production test --expect shop:staging").path("image_ref"))
        .isEqualTo(version.path("image_ref"));
  }

  @Test
  void what_runs_somewhere_can_be_given_a_version() {
    assertThat(data("tag shop:staging v1.1.0").path("image_ref").textValue()).isEqualTo(NEW);
    assertThat(data("tag shop:v1.0.0 stable").path("image_ref").textValue()).isEqualTo(OLD);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "pull shop:both --to x",
        "pull shop both --to x",
        "inspect shop:both",
        "tag shop:both v9",
        "promote shop:both test",
        "rollback shop staging --to shop:both --dry-run"
      })
  void a_name_for_a_version_and_an_environment_is_refused_with_both(String line)
      throws IOException {
    user.s3dock("tag", OLD, "both").ok();
    Path pointers = folder.resolve("store/pointers/shop"); // as the original lets it be
    Files.copy(pointers.resolve("staging.json"), pointers.resolve("both.json"));
    User.Result result = user.s3dock(line.split(" "));
    assertThat(result.exitCode()).isEqualTo(4);
    assertThat(result.err())
        .contains("a version (" + OLD + ")", "an environment (" + NEW + ")")
        .contains("name the image itself, such as shop:YYYYMMDD-HHMM-hash");
    assertThat(user.s3dock("promote", "shop", "both", "test", "--create").exitCode())
        .as("where only a version can be meant, it is one")
        .isZero();
    assertThat(user.s3dock("current", "shop:both").ok().line()).isEqualTo(NEW);
    assertThat(data("verify shop:both").path("pointers").intValue()).isEqualTo(2);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "pull shop | shop:production",
        "inspect shop | shop:production",
        "current production | set `app`",
        "list images | set `app` in the configuration",
        "audit | set `app` in the configuration",
        "current shop:production staging | leave out staging",
        "deploy shop:production v1 v2 | leave out v2",
        "rollback shop production --to web:v1 | web:v1 is not of shop",
        "promote shop production | set `app`",
        "push shop:v1.0.0 | malformed image reference"
      })
  void a_name_that_says_too_little_or_too_much_is_told_with_its_remedy(String line, String hint) {
    User.Result result = user.s3dock(line.split(" "));
    assertThat(result.exitCode()).isEqualTo(2);
    assertThat(result.err()).contains(hint);
  }

  @Test
  void a_version_and_an_environment_do_not_get_one_name() {
    User.Result tagged = user.s3dock("tag", NEW, "production");
    assertThat(tagged.exitCode()).isEqualTo(4);
    assertThat(tagged.err()).contains("shop:production would name both: choose another version");
    User.Result promoted = user.s3dock("promote", NEW, "v1.0.0", "--create");
    assertThat(promoted.exitCode()).isEqualTo(4);
    assertThat(promoted.err()).contains("shop:v1.0.0 would name both: choose another environment");
    assertThat(user.s3dock("current", "shop", "production").ok().line()).isEqualTo(OLD);
  }

  @Test
  void status_of_what_nobody_knows_is_an_error() {
    for (String line : List.of("status shop productoin", "status shop:productoin")) {
      User.Result result = user.s3dock(line.split(" "));
      assertThat(result.exitCode()).as(line).isEqualTo(ExitCode.NOT_FOUND);
      assertThat(result.out()).isEmpty();
      assertThat(result.err()).contains("productoin", "did you mean production?");
    }
    assertThat(user.s3dock("status", "nix", "production").err()).contains("no app nix");
    assertThat(data("status shop production").path("deployments")).hasSize(1);
  }

  @Test
  void verify_of_what_is_not_there_is_one_error() {
    for (String line : List.of("verify nix", "verify shop:nix", "verify nix shop:nix")) {
      User.Result result = user.s3dock(line.split(" "));
      assertThat(result.exitCode()).as(line).isEqualTo(ExitCode.NOT_FOUND);
      assertThat(result.out()).isEmpty();
      assertThat(result.err().lines()).as(result.err()).hasSize(1);
    }
    User.Result both = user.s3dock("verify", "shop:v1.0.0", "shop:nix");
    assertThat(both.exitCode()).isEqualTo(ExitCode.NOT_FOUND);
    assertThat(both.out()).contains("verified 1 image");
  }

  @Test
  void a_time_in_a_message_is_to_the_second() {
    assertThat(user.s3dock("tag", NEW, "v1.0.0").err())
        .containsPattern("since 20\\d\\d-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d[Z+-]");
    assertThat(user.s3dock("audit", "shop", "--since", "1m", "--until", "2m").err())
        .containsPattern("before --until 20\\d\\d-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ");
  }
}
