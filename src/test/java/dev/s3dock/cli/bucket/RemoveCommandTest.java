package dev.s3dock.cli.bucket;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.s3dock.cli.ExitCode;
import dev.s3dock.cli.User;
import dev.s3dock.testing.engine.ImageSpec;
import dev.s3dock.testing.engine.TestImages;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RemoveCommandTest {
  private static final String OLD = "my-app:20250720-1045-def5678";
  private static final String NEW = "my-app:20250721-2118-f7a5a27";

  @TempDir Path folder;
  private User user;
  private Path store;

  @BeforeEach
  void publish() {
    store = folder.resolve("store");
    user = new User(folder).with("S3DOCK_BUCKET", store.toUri().toString());
    for (String reference : List.of(OLD, NEW)) {
      Path image =
          TestImages.dockerSave(
              folder.resolve(reference.substring(7) + ".tar"),
              ImageSpec.small().withFile("etc/motd", reference),
              reference);
      user.s3dock("push", reference, "--from", image.toString()).ok();
    }
    user.s3dock("tag", NEW, "v1.0.0").ok();
    user.s3dock("promote", "my-app", "v1.0.0", "production").ok();
    user.s3dock("promote", OLD, "staging", "--create").ok();
  }

  private User.Result refused(String... words) {
    User.Result result = user.s3dock(words);
    assertThat(result.exitCode()).as(result.out() + result.err()).isEqualTo(ExitCode.CONFLICT);
    return result;
  }

  private String out(String... words) {
    return user.s3dock(words).ok().out();
  }

  @Test
  void an_environment_goes_and_its_history_stays() {
    assertThat(out("remove", "env", "my-app", "staging", "--dry-run"))
        .contains("would remove staging of my-app", OLD);
    assertThat(refused("remove", "env", "my-app", "staging").err()).contains("--yes");
    assertThat(out("list", "envs", "my-app")).contains("staging");
    assertThat(out("remove", "env", "my-app", "staging", "--yes")).contains("removed staging");
    assertThat(out("list", "envs", "my-app")).doesNotContain("staging").contains("production");
    assertThat(user.s3dock("current", "my-app", "staging").exitCode())
        .isEqualTo(ExitCode.NOT_FOUND);
    assertThat(out("audit", "my-app", "--event", "removal")).contains("staging removed", OLD);
    assertThat(out("history", "my-app", "staging")).contains(OLD);
    assertThat(out("list", "images", "my-app")).contains(OLD);
    assertThat(out("verify", "my-app")).isNotNull();
  }

  @Test
  void a_removed_environment_is_a_new_one_for_the_next_promotion() {
    out("remove", "env", "my-app", "staging", "--yes");
    assertThat(user.s3dock("promote", NEW, "staging").exitCode()).isEqualTo(ExitCode.NOT_FOUND);
    assertThat(out("promote", NEW, "staging", "--create")).contains("a new environment");
    assertThat(out("current", "my-app", "staging")).contains(NEW);
    assertThat(out("history", "my-app", "staging").lines()).hasSize(2);
    out("remove", "env", "my-app", "staging", "--yes");
    out("remove", "env", "my-app", "production", "--yes");
    assertThat(out("promote", NEW, "qa")).as("the only one").contains("qa of my-app");
  }

  @Test
  void what_was_removed_before_is_done() throws IOException {
    out("remove", "env", "my-app", "staging", "--yes");
    var again = user.s3dock("remove", "env", "my-app", "staging", "--json").ok().json();
    assertThat(again.at("/data/skipped").booleanValue()).isTrue();
    assertThat(user.s3dock("remove", "env", "my-app", "qa", "--yes").exitCode())
        .isEqualTo(ExitCode.NOT_FOUND);
    assertThat(Files.readString(store.resolve("pointers/my-app/staging.json")))
        .contains("tombstone", "removed_by", OLD.substring(7));
  }

  @Test
  void a_version_goes_unless_an_environment_follows_it() {
    assertThat(refused("remove", "version", "my-app", "v1.0.0", "--yes").err())
        .contains("v1.0.0", "followed by production");
    out("promote", NEW, "production");
    assertThat(out("remove", "version", "my-app", "v1.0.0", "--yes")).contains("removed version");
    assertThat(out("list", "tags", "my-app")).isEmpty();
    assertThat(out("audit", "my-app", "--event", "removal")).contains("v1.0.0 removed", NEW);
    out("tag", OLD, "v1.0.0");
    assertThat(out("list", "tags", "my-app")).contains(OLD);
  }

  @Test
  void an_image_goes_unless_something_needs_it() throws IOException {
    assertThat(refused("remove", "image", NEW, "--yes").err())
        .contains(NEW, "version v1.0.0", "production");
    assertThat(refused("remove", "image", OLD, "--yes").err()).contains("staging");
    out("remove", "env", "my-app", "staging", "--yes");
    assertThat(out("remove", "image", OLD, "--dry-run")).contains("would remove " + OLD);
    assertThat(out("list", "images", "my-app")).contains(OLD);
    assertThat(out("remove", "image", OLD, "--yes")).contains("removed " + OLD);
    assertThat(out("list", "images", "my-app")).doesNotContain(OLD).contains(NEW);
    assertThat(store.resolve("images/my-app/202507/my-app-20250720-1045-def5678.tar.gz"))
        .doesNotExist();
    assertThat(out("audit", "my-app", "--event", "cleanup")).contains(OLD, "removed by name");
    User.Result again = user.s3dock("remove", "image", OLD, "--yes");
    assertThat(again.exitCode()).isEqualTo(ExitCode.NOT_FOUND);
    assertThat(again.err())
        .contains("is not there any more: tester removed it at 20", "removed by name")
        .doesNotContain("did you mean");
    out("pull", "my-app", "production", "--to", folder.resolve("pulled.tar.gz").toString());
  }

  @Test
  void an_image_that_never_was_there_is_not_told_to_be_removed() {
    User.Result result = user.s3dock("remove", "image", "my-app:20250101-0000-abcdef0", "--yes");
    assertThat(result.exitCode()).isEqualTo(ExitCode.NOT_FOUND);
    assertThat(result.err()).contains("not published").doesNotContain("any more", "did you mean");
  }

  @Test
  void an_image_may_be_named_by_what_leads_to_it() {
    for (String[] words :
        new String[][] {
          {"my-app:production"},
          {"my-app", "production"},
          {"my-app:v1.0.0"},
          {"my-app", "v1.0.0"},
          {"my-app", NEW.substring(7)}
        }) {
      List<String> command = new ArrayList<>(List.of("remove", "image", "--yes"));
      command.addAll(List.of(words));
      assertThat(refused(command.toArray(String[]::new)).err())
          .contains(NEW + " is needed (version v1.0.0, production by v1.0.0)");
    }
    assertThat(user.s3dock("remove", "image", "my-app:production", "--yes").err())
        .contains("my-app:production is " + NEW);
    assertThat(user.s3dock("remove", "image", "my-app:nowhere", "--yes").exitCode())
        .isEqualTo(ExitCode.NOT_FOUND);
    out("remove", "env", "my-app", "staging", "--yes");
    assertThat(out("remove", "image", "my-app", OLD.substring(7), "--yes"))
        .contains("removed " + OLD);
  }

  @Test
  void an_environment_that_followed_a_moved_version_is_named_too() {
    out("remove", "env", "my-app", "staging", "--yes");
    out("tag", OLD, "v1.0.0", "--move", "--yes");
    assertThat(refused("remove", "image", OLD, "--yes").err())
        .contains(OLD + " is needed (version v1.0.0, production by v1.0.0)");
    assertThat(refused("remove", "image", NEW, "--yes").err())
        .contains(NEW + " is needed (was at production lately)");
  }

  @Test
  void an_app_of_which_only_removed_names_are_left_is_none() {
    out("promote", NEW, "production");
    out("remove", "env", "my-app", "staging", "--yes");
    out("remove", "version", "my-app", "v1.0.0", "--yes");
    JsonNode verified = user.s3dock("verify", "my-app", "--json").ok().json();
    assertThat(verified.at("/data/pointers").intValue()).as("production").isEqualTo(1);
    out("remove", "env", "my-app", "production", "--yes");
    assertThat(
            user.s3dock("verify", "my-app", "--json").ok().json().at("/data/pointers").intValue())
        .isZero();
    assertThat(out("list", "apps")).contains("my-app");
    removeAllBelow("images");
    assertThat(out("list", "apps")).isEmpty();
    assertThat(user.s3dock("list", "envs", "my-app").exitCode()).isEqualTo(ExitCode.NOT_FOUND);
    assertThat(user.s3dock("list", "tags", "my-app").exitCode()).isEqualTo(ExitCode.NOT_FOUND);
  }

  private void removeAllBelow(String root) {
    try (Stream<Path> files = Files.walk(store.resolve(root))) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void a_removed_name_is_not_suggested_for_one_like_it() {
    out("tag", OLD, "v0.1.0");
    out("remove", "version", "my-app", "v0.1.0", "--yes");
    out("remove", "env", "my-app", "staging", "--yes");
    for (String[] words :
        new String[][] {
          {"promote", "my-app", "v0.1.1", "production"},
          {"current", "my-app", "stagin"},
          {"pull", "my-app", "stagin"}
        }) {
      User.Result result = user.s3dock(words);
      assertThat(result.exitCode()).as(result.err()).isEqualTo(ExitCode.NOT_FOUND);
      assertThat(result.err()).doesNotContain("v0.1.0", "mean staging", "or staging");
    }
    assertThat(user.s3dock("current", "my-app", "productio").err())
        .contains("did you mean production?");
  }

  @Test
  void an_image_that_an_environment_may_go_back_to_stays() {
    out("promote", NEW, "staging");
    assertThat(refused("remove", "image", OLD, "--yes").err()).contains("was at staging lately");
    assertThat(out("rollback", "my-app", "staging")).contains(OLD);
  }

  @Test
  void a_rollback_finds_the_image_of_a_version_that_was_removed() {
    out("tag", OLD, "v0.9.0");
    out("promote", "my-app", "v0.9.0", "production");
    out("promote", "my-app", "v1.0.0", "production");
    out("remove", "version", "my-app", "v0.9.0", "--yes");
    assertThat(out("rollback", "my-app", "production")).contains(OLD);
    assertThat(user.s3dock("current", "my-app", "production").ok().line()).isEqualTo(OLD);
  }

  @Test
  void an_environment_and_a_version_may_be_named_in_one_word() {
    assertThat(out("remove", "env", "my-app:staging", "--yes")).contains("removed staging");
    out("tag", OLD, "v0.1.0");
    assertThat(out("remove", "version", "my-app:v0.1.0", "--yes")).contains("removed version");
  }

  @Test
  void what_was_removed_is_not_suggested() {
    out("remove", "env", "my-app", "staging", "--yes");
    User.Result gone = user.s3dock("current", "my-app", "staging");
    assertThat(gone.exitCode()).isEqualTo(ExitCode.NOT_FOUND);
    assertThat(gone.err()).doesNotContain("did you mean staging");
    out("tag", OLD, "v0.1.0");
    out("remove", "version", "my-app", "v0.1.0", "--yes");
    assertThat(user.s3dock("promote", "my-app", "v0.1.0", "production").err())
        .contains("no version v0.1.0")
        .doesNotContain("v0.1.0 or", "or v0.1.0", "mean v0.1.0");
  }

  private void report(String environment) throws IOException {
    Path report = store.resolve("deployments/my-app/" + environment + "/web-1.json");
    Files.createDirectories(report.getParent());
    Files.writeString(
        report,
        """
        {"app_name": "my-app", "environment": "%s", "host": "web-1", "image_reference": "%s",
         "colour": "blue", "deployment": "d1", "live_since": "2025-08-01T00:00:00Z",
         "heartbeat": "2025-08-01T00:00:00Z"}
        """
            .formatted(environment, OLD));
  }

  @Test
  void what_a_host_runs_stays() throws IOException {
    report("staging");
    assertThat(refused("remove", "env", "my-app", "staging", "--yes").err())
        .contains("live on web-1", "--force");
    out("remove", "env", "my-app", "staging", "--yes", "--force");
    assertThat(refused("remove", "image", OLD, "--yes").err()).contains("live on web-1");
  }

  @Test
  void at_a_terminal_it_is_asked_for() {
    user.onTerminal().typing("n\n".getBytes(StandardCharsets.UTF_8));
    assertThat(refused("remove", "env", "my-app", "staging").err())
        .contains("Remove staging of my-app, which is at " + OLD, "nothing was removed");
    user.typing("y\n".getBytes(StandardCharsets.UTF_8));
    assertThat(out("remove", "env", "my-app", "staging")).contains("removed staging");
  }

  @Test
  void what_cannot_be_read_might_need_it() throws IOException {
    out("remove", "env", "my-app", "staging", "--yes");
    Files.writeString(store.resolve("tags/my-app/v9.json"), "{");
    User.Result result = user.s3dock("remove", "image", OLD, "--yes");
    assertThat(result.exitCode()).isEqualTo(ExitCode.INTEGRITY);
    assertThat(out("list", "images", "my-app")).contains(OLD);
  }
}
