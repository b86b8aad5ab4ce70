package dev.s3dock.cli.bucket;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.s3dock.cli.ExitCode;
import dev.s3dock.cli.User;
import dev.s3dock.testing.engine.ImageSpec;
import dev.s3dock.testing.engine.TestImages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CleanupCommandTest {
  private static final String OLD = "my-app:20250620-1045-def5678";
  private static final String LIVE = "my-app:20250721-2118-f7a5a27";
  private static final String NEW = "my-app:20250801-0900-abc1234";

  @TempDir Path folder;
  private User user;
  private Path store;

  @BeforeEach
  void publishThree() throws IOException {
    store = folder.resolve("store");
    user = new User(folder).with("S3DOCK_BUCKET", store.toUri().toString());
    for (String reference : List.of(OLD, LIVE, NEW)) {
      push(reference);
    }
    user.s3dock("promote", LIVE, "production").ok();
    age(Duration.ofDays(100));
  }

  private void push(String reference) {
    Path tar = TestImages.dockerSave(folder.resolve("image.tar"), ImageSpec.small(), reference);
    user.s3dock("push", reference, "--from", tar.toString()).ok();
  }

  /** Makes all that is in the store older. */
  private void age(Duration by) throws IOException {
    try (Stream<Path> files = Files.walk(store)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Instant time = Files.getLastModifiedTime(file).toInstant();
        Files.setLastModifiedTime(file, FileTime.from(time.minus(by)));
      }
    }
  }

  private List<String> images() {
    return user.s3dock("list", "images", "my-app")
        .ok()
        .out()
        .lines()
        .map(line -> line.split("\t", -1)[0])
        .toList();
  }

  @Test
  void it_tells_what_would_go_and_changes_nothing() {
    User.Result result = user.s3dock("cleanup", "my-app", "--keep-last", "1").ok();
    assertThat(result.out().lines())
        .singleElement()
        .asString()
        .startsWith("my-app\t" + OLD + "\t")
        .endsWith("\twould go\tnot among the last 1, nothing needs it");
    assertThat(result.err())
        .contains("would remove 1 and free ")
        .contains(LIVE + " stays (production)")
        .doesNotContain(NEW)
        .contains("2 images stay")
        .contains("add --apply");
    assertThat(images()).containsExactly(NEW, LIVE, OLD);
  }

  @Test
  void it_removes_what_it_told_and_says_so_in_the_audit_trail() {
    User.Result result = user.s3dock("cleanup", "--keep-last", "1", "--apply").ok();
    assertThat(result.out()).contains(OLD).contains("removed");
    assertThat(images()).containsExactly(NEW, LIVE);
    assertThat(user.s3dock("audit", "my-app", "--event", "cleanup").ok().out())
        .contains(OLD + ": not among the last 1, nothing needs it");
    assertThat(user.s3dock("inspect", OLD).exitCode()).isEqualTo(ExitCode.NOT_FOUND);
  }

  @Test
  void what_goes_can_be_pushed_again() {
    user.s3dock("cleanup", "--keep-last", "1", "--apply").ok();
    push(OLD);
    assertThat(images()).contains(OLD);
    assertThat(user.s3dock("cleanup", "--keep-last", "1", "--apply").ok().out()).isEmpty();
  }

  @Test
  void json_tells_each_removal_and_the_sum() {
    JsonNode data =
        user.s3dock("cleanup", "my-app", "--older-than", "90d", "--json").ok().json().path("data");
    assertThat(data.path("applied").booleanValue()).isFalse();
    assertThat(data.path("removals")).hasSize(2);
    assertThat(data.path("removals").get(0).path("name").textValue()).isEqualTo(NEW);
    assertThat(data.path("removals").get(0).path("kind").textValue()).isEqualTo("image");
    assertThat(data.path("bytes").longValue())
        .isEqualTo(
            data.path("removals").get(0).path("bytes").longValue()
                + data.path("removals").get(1).path("bytes").longValue());
    assertThat(data.path("images_kept").intValue()).isEqualTo(1);
  }

  @Test
  void the_configuration_can_give_the_rules() throws IOException {
    Files.writeString(
        user.workingDirectory().resolve("s3dock.json5"),
        """
        {retention: {keep_last: 100, apps: {"my-app": {keep_last: 1, older_than: "12w"}}}}""");
    assertThat(user.s3dock("cleanup").ok().out()).contains(OLD).doesNotContain(NEW);
    assertThat(user.s3dock("cleanup", "--keep-last", "3").ok().out()).isEmpty();
  }

  @Test
  void a_single_image_that_stays_is_told_in_the_singular() {
    assertThat(user.s3dock("cleanup", "my-app", "--older-than", "90d").ok().err())
        .contains("; 1 image stays");
  }

  @Test
  void without_a_rule_it_says_that_there_is_none() {
    User.Result result = user.s3dock("cleanup").ok();
    assertThat(result.out()).isEmpty();
    assertThat(result.err()).contains("no retention rule is given");
  }

  @Test
  void what_cannot_be_understood_is_a_usage_error() throws IOException {
    assertThat(user.s3dock("cleanup", "--older-than", "soon").exitCode()).isEqualTo(2);
    assertThat(user.s3dock("cleanup", "--keep-last", "-1").exitCode()).isEqualTo(2);
    assertThat(user.s3dock("cleanup", "--keep-targets", "0").exitCode()).isEqualTo(2);
    assertThat(user.s3dock("cleanup", "../x").exitCode()).isEqualTo(2);
    assertThat(user.s3dock("cleanup", "nobody").exitCode()).isEqualTo(3);
    Files.writeString(
        user.workingDirectory().resolve("s3dock.json5"), "{retention: {keep_lasts: 1}}");
    User.Result result = user.s3dock("cleanup");
    assertThat(result.exitCode()).isEqualTo(2);
    assertThat(result.err()).contains("keep_lasts").contains("did you mean keep_last?");
  }

  @Test
  void an_app_that_cannot_be_judged_stays_and_the_others_are_cleaned() throws IOException {
    Path tar =
        TestImages.dockerSave(
            folder.resolve("image.tar"), ImageSpec.small(), "other:20250101-0900-abcdef0");
    user.s3dock("push", "other:20250101-0900-abcdef0", "--from", tar.toString()).ok();
    age(Duration.ofDays(2));
    Files.writeString(store.resolve("pointers/my-app/staging.json"), "{");
    User.Result result = user.s3dock("cleanup", "--keep-last", "0", "--apply");
    assertThat(result.exitCode()).isEqualTo(ExitCode.INTEGRITY);
    assertThat(result.err()).contains("pointers/my-app/staging.json");
    assertThat(result.out()).contains("other:20250101-0900-abcdef0").doesNotContain(OLD);
    assertThat(images()).contains(OLD);
  }
}
