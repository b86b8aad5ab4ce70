package dev.s3dock.cli.fault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.cli.User;
import dev.s3dock.testing.engine.ImageSpec;
import dev.s3dock.testing.engine.TestImages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every text field of every object holds commands to a terminal: the older ones begin with ESC, the
 * ones of C1 with U+009B, and U+202E turns the direction of what follows.
 */
class HostileTextTest {
  private static final String REF = "my-app:20250721-2118-f7a5a27";
  private static final String EVIL = "\\u001b[31mred\\u009b2J\\u202e\\u0007\\u007f\\r\\n\\u2028";

  @TempDir Path folder;
  private User user;
  private Path store;

  @BeforeEach
  void publish() throws IOException {
    store = folder.resolve("store");
    user = new User(folder).with("S3DOCK_BUCKET", store.toUri().toString());
    ImageSpec spec = ImageSpec.small().withLabel("evil", "\u001b[31m\u009b");
    Path image = TestImages.dockerSave(folder.resolve("image.tar"), spec, REF);
    user.s3dock("push", REF, "--from", image.toString()).ok();
    user.s3dock("tag", REF, "v1.2.0").ok();
    user.s3dock("promote", "my-app", "v1.2.0", "production").ok();
    user.s3dock("promote", REF, "staging", "--create").ok();
    write("deployments/my-app/production/h.json", "host", "colour", "deployment", "live_since");
    write("audit/my-app/202508/20250802-0930-promotion-f7a5a27.json", "user", "host", "app_name");
    write("audit/my-app/202508/20250802-0931-tag-f7a5a27.json", "tool", "git_hash", "git_time");
    write("audit/my-app/202508/20250802-0932-other-f7a5a27.json", "user");
    write("audit/my-app/202508/20250802-0933-deployment-f7a5a27.json", "user");
    Files.writeString(
        store.resolve("audit/my-app/202508/20250802-0934-push-f7a5a27.json"),
        "{\"timestamp\": \"" + EVIL + "\"}");
    write("tags/my-app/v2.json", "promoted_by", "promoted_at", "source_image", "git_hash");
    write("pointers/my-app/other.json", "promoted_by", "promoted_at", "source_tag", "source_image");
  }

  /** An object with every field that s3dock shows, these of them hostile. */
  private void write(String key, String... fields) throws IOException {
    String type = key.replaceAll(".*/\\d{8}-\\d{4}-([a-z]+)-.*", "$1");
    StringBuilder json = new StringBuilder("{");
    for (String field : fields) {
      json.append("\"%s\": \"%s\", ".formatted(field, EVIL));
    }
    json.append("\"evil%s\": \"x\", ".formatted(EVIL));
    json.append(
        """
        "timestamp": "2025-08-02T07:30:12Z", "event_type": "%s", "image_reference": "my-app:20250721-2118-f7a5a27",
        "details": {"environment": "production", "source": "%2$s", "image_reference": "%2$s", "version": "%2$s",
          "running": "%2$s", "outcome": "%2$s", "reason": "%2$s", "previous_target": "%2$s", "previous": "%2$s"},
        "target_type": "image", "target_path": "images/my-app/202507/my-app-20250721-2118-f7a5a27.tar.gz"%3$s}
        """
            .formatted(
                type, EVIL, key.startsWith("deployments/") ? ", \"host\": \"" + EVIL + "\"" : ""));
    Path file = store.resolve(key);
    Files.createDirectories(file.resolveSibling(""));
    Files.writeString(file, json.toString().replaceFirst(", \"host\": \"[^\"]*\"}", "}"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "list apps",
        "list images my-app",
        "list tags my-app",
        "list envs my-app",
        "list tag-for my-app production",
        "current my-app other",
        "audit my-app",
        "history my-app production",
        "history my-app other",
        "inspect my-app production",
        "inspect my-app other",
        "status my-app production",
        "pull my-app other --to out",
        "pull my-app nowhere --to out",
        "promote my-app v2 other",
        "promote my-app v9 other",
        "tag my-app:20250721-2118-f7a5a27 v2",
        "tag my-app:20250721-2118-f7a5a27 v3"
      })
  void no_command_shows_it(String line) {
    for (String more : new String[] {"", " --json", " -l 3", " --json -l 3"}) {
      User.Result result = user.s3dock((line + more).split(" "));
      assertSafe(line + more, result.out() + result.err());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"target_type", "target_path"})
  void damage_is_told_without_it(String field) throws IOException {
    Files.writeString(
        store.resolve("pointers/my-app/other.json"),
        "{\"target_type\": \"image\", \"target_path\": \"x\", \"%s\": \"%s\"}"
            .formatted(field, EVIL));
    for (String line :
        new String[] {
          "current my-app other",
          "list envs my-app",
          "pull my-app other --to out",
          "list envs my-app --json"
        }) {
      User.Result result = user.s3dock((line + " -l 3").split(" "));
      assertSafe(line, result.out() + result.err());
    }
  }

  private static void assertSafe(String line, String output) {
    assertThat(output.codePoints().filter(HostileTextTest::isUnsafe).mapToObj("U+%04X"::formatted))
        .as(line + ": " + output)
        .isEmpty();
  }

  private static boolean isUnsafe(int c) {
    return (Character.isISOControl(c) && c != '\n' && c != '\t')
        || Character.getType(c) == Character.FORMAT
        || Character.getType(c) == Character.LINE_SEPARATOR;
  }
}
