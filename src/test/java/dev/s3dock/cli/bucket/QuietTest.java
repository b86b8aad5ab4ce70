package dev.s3dock.cli.bucket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.cli.User;
import dev.s3dock.testing.engine.ImageSpec;
import dev.s3dock.testing.engine.TestImages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What cron runs says nothing while all is well, or it would send mail every day. */
class QuietTest {
  private static final String REF = "my-app:20250721-2118-f7a5a27";

  @TempDir Path folder;
  private Path store;
  private User user;

  @BeforeEach
  void publish() {
    store = folder.resolve("store");
    user = new User(folder).with("S3DOCK_BUCKET", store.toUri().toString());
    Path tar = TestImages.dockerSave(folder.resolve("image.tar"), ImageSpec.small(), REF);
    user.s3dock("push", REF, "--from", tar.toString()).ok();
  }

  @Test
  void verify_is_silent_unless_it_finds_something() throws IOException {
    User.Result sound = user.s3dock("verify", "--all", "-q").ok();
    assertThat(sound.out() + sound.err()).isEmpty();
    Files.delete(store.resolve("images/my-app/202507/my-app-20250721-2118-f7a5a27.tar.gz"));
    User.Result damaged = user.s3dock("verify", "--all", "-q");
    assertThat(damaged.exitCode()).isEqualTo(5);
    assertThat(damaged.out()).contains("my-app-20250721-2118-f7a5a27", "1 damaged");
  }

  @Test
  void doctor_tells_problems_alone() {
    String all = user.s3dock("doctor", "--role", "cleaner").ok().out();
    User.Result quiet = user.s3dock("doctor", "--role", "cleaner", "-q").ok();
    assertThat(all).contains("ok\tbucket\t");
    assertThat(quiet.err()).isEmpty();
    assertThat(quiet.out().lines()).allMatch(line -> line.startsWith("warning\t"));
    User.Result json = user.s3dock("doctor", "--role", "cleaner", "-q", "--json").ok();
    assertThat(json.json().at("/data/findings").findValuesAsText("verdict"))
        .as("JSON tells all, as always")
        .contains("ok");
  }
}
