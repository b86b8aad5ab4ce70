package dev.s3dock.cli.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.cli.ExitCode;
import dev.s3dock.cli.User;
import dev.s3dock.testing.engine.ImageSpec;
import dev.s3dock.testing.engine.TestImages;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A version that is moved takes along the environments that follow it; a new one is meant. */
class FollowedVersionTest {
  private static final String OLD = "my-app:20250720-1045-def5678";
  private static final String NEW = "my-app:20250721-2118-f7a5a27";

  @TempDir Path folder;
  private User user;

  @BeforeEach
  void publish() {
    user = new User(folder).with("S3DOCK_BUCKET", folder.resolve("store").toUri().toString());
    for (String reference : new String[] {OLD, NEW}) {
      Path image =
          TestImages.dockerSave(
              folder.resolve(reference.substring(7) + ".tar"),
              ImageSpec.small().withFile("etc/motd", reference),
              reference);
      user.s3dock("push", reference, "--from", image.toString()).ok();
    }
    user.s3dock("tag", OLD, "v1.0.0").ok();
    user.s3dock("promote", "my-app", "v1.0.0", "production").ok();
    user.s3dock("promote", "my-app", "v1.0.0", "staging", "--create").ok();
  }

  private String production() {
    return user.s3dock("current", "my-app", "production").ok().line();
  }

  @Test
  void without_a_terminal_a_move_names_the_followers_and_is_refused() {
    for (String[] words :
        new String[][] {
          {"tag", NEW, "v1.0.0", "--move"}, {"tag", NEW, "v1.0.0", "--move", "--json"}
        }) {
      User.Result refused = user.s3dock(words);
      assertThat(refused.exitCode()).isEqualTo(ExitCode.CONFLICT);
      assertThat(refused.out() + refused.err())
          .contains("followed by production, staging", OLD, NEW, "--yes");
      assertThat(production()).isEqualTo(OLD);
    }
    assertThat(user.s3dock("tag", NEW, "v1.0.0", "--move", "--yes").ok().err())
        .contains("production, staging");
    assertThat(production()).isEqualTo(NEW);
  }

  @Test
  void at_a_terminal_it_is_asked_for() {
    user.onTerminal();
    for (String answer : new String[] {"n\n", "\n", ""}) {
      user.typing(answer.getBytes(StandardCharsets.UTF_8));
      User.Result kept = user.s3dock("tag", NEW, "v1.0.0", "--move");
      assertThat(kept.exitCode()).isEqualTo(ExitCode.CONFLICT);
      assertThat(kept.err()).contains("production, staging", "Move it? [y/N]", "stays at " + OLD);
      assertThat(production()).isEqualTo(OLD);
    }
    user.typing("yes\n".getBytes(StandardCharsets.UTF_8));
    user.s3dock("tag", NEW, "v1.0.0", "--move").ok();
    assertThat(production()).isEqualTo(NEW);
  }

  @Test
  void nobody_is_asked_where_nothing_follows_or_nothing_moves() {
    user.s3dock("tag", OLD, "v1.0.0", "--move").ok();
    user.s3dock("tag", OLD, "v2.0.0").ok();
    user.s3dock("tag", NEW, "v2.0.0", "--move").ok();
  }

  @Test
  void an_environment_that_is_not_there_yet_needs_to_be_meant() {
    User.Result refused = user.s3dock("promote", NEW, "prodution");
    assertThat(refused.exitCode()).isEqualTo(ExitCode.NOT_FOUND);
    assertThat(refused.err())
        .contains(
            "no environment prodution",
            "production, staging",
            "--create",
            "did you mean production?");
    assertThat(user.s3dock("promote", "my-app", "v1.0.0", "prodution").exitCode())
        .isEqualTo(ExitCode.NOT_FOUND);
    assertThat(user.s3dock("list", "envs", "my-app").ok().out()).doesNotContain("prodution");
    assertThat(user.s3dock("promote", NEW, "qa", "--create").ok().out())
        .contains("qa of my-app, a new environment, is now at " + NEW);
    assertThat(user.s3dock("promote", OLD, "qa").ok().out()).doesNotContain("new environment");
  }

  @Test
  void the_first_environment_of_an_app_needs_no_more_than_its_name() {
    Path image =
        TestImages.dockerSave(
            folder.resolve("other.tar"), ImageSpec.small(), "other:20250721-2118-f7a5a27");
    user.s3dock("push", "other:20250721-2118-f7a5a27", "--from", image.toString()).ok();
    user.s3dock("promote", "other:20250721-2118-f7a5a27", "production").ok();
  }

  @Test
  void a_rollback_undoes_the_move_of_the_version_that_is_followed() {
    user.s3dock("tag", NEW, "v1.0.0", "--move", "--yes").ok();
    assertThat(production()).isEqualTo(NEW);
    user.s3dock("rollback", "my-app", "production").ok();
    assertThat(production()).isEqualTo(OLD);
  }
}
