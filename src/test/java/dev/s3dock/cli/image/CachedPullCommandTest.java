package dev.s3dock.cli.image;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.s3dock.cli.User;
import dev.s3dock.testing.engine.ImageSpec;
import dev.s3dock.testing.engine.TestImages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a user sees of the cache of this host. */
class CachedPullCommandTest {
  private static final String REF = "my-app:20250721-2118-f7a5a27";

  @TempDir Path folder;
  private User user;
  private int layouts;

  @BeforeEach
  void publish() {
    user = new User(folder).with("S3DOCK_BUCKET", folder.resolve("store").toUri().toString());
    Path image = TestImages.dockerSave(folder.resolve("image.tar"), ImageSpec.small(), REF);
    user.s3dock("push", REF, "--from", image.toString()).ok();
  }

  private JsonNode pull() {
    String layout = folder.resolve("layout-" + layouts++) + "/";
    return user.s3dock("pull", REF, "--to", layout, "--json").ok().json().path("data");
  }

  private void configure(String cache) throws IOException {
    Files.writeString(
        user.workingDirectory().resolve("s3dock.json5"), "{ cache: %s }".formatted(cache));
  }

  @Test
  void what_was_pulled_is_kept_at_home() {
    assertThat(pull().path("bytes_cached").longValue()).isZero();
    assertThat(folder.resolve("home/.cache/s3dock/chunks/v1")).isNotEmptyDirectory();
    assertThat(pull().path("bytes_cached").longValue()).isPositive();
    String layout = folder.resolve("again") + "/";
    assertThat(user.s3dock("pull", REF, "--to", layout).ok().out()).contains(" from the cache)");
  }

  @Test
  void the_configuration_says_where_and_whether() throws IOException {
    configure("{ path: '~/kept', size: '1MiB' }");
    pull();
    assertThat(folder.resolve("home/kept/v1")).isNotEmptyDirectory();
    assertThat(pull().path("bytes_cached").longValue()).isPositive();

    configure("{ path: '~/kept', size: 0 }");
    assertThat(pull().path("bytes_cached").longValue()).isZero();
    assertThat(folder.resolve("home/.cache/s3dock/chunks")).doesNotExist();
    User.Result prefetch = user.s3dock("prefetch", REF);
    assertThat(prefetch.exitCode()).isEqualTo(2);
    assertThat(prefetch.err()).contains("set cache.size above 0");
  }

  @Test
  void a_folder_that_others_can_write_is_not_used_and_that_is_told_once() throws IOException {
    Path open = Files.createDirectories(folder.resolve("home/.cache/s3dock/chunks"));
    Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxrwx"));
    User.Result pulled = user.s3dock("pull", REF, "--to", folder.resolve("layout") + "/").ok();
    assertThat(pulled.err()).containsOnlyOnce("is not used: everybody can write");
    assertThat(open).isEmptyDirectory();
    assertThat(user.s3dock("doctor", "--role", "reader").out())
        .containsPattern("warning\\s+chunk cache\\s.*is not used: everybody can write");
  }
}
