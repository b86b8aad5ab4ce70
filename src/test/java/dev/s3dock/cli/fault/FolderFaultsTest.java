package dev.s3dock.cli.fault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.cli.ExitCode;
import dev.s3dock.cli.User;
import dev.s3dock.testing.Noise;
import dev.s3dock.testing.engine.ImageSpec;
import dev.s3dock.testing.engine.TestImages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A folder store whose file system is full, or may only be read, or has lost a file. On a file
 * system that is mounted for the test: needs root, as the tests with engines do.
 */
@Tag("engine")
class FolderFaultsTest {
  private static final String FIRST = "my-app:20250620-1045-def5678";
  private static final String SECOND = "my-app:20250721-2118-f7a5a27";

  @TempDir Path folder;
  private Path disk;
  private User user;

  @BeforeEach
  void mountAndPublish() throws Exception {
    disk = Files.createDirectories(folder.resolve("disk"));
    run("mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", disk.toString());
    user = new User(folder).with("S3DOCK_BUCKET", disk.resolve("store").toUri().toString());
    push(FIRST, 1000).ok();
    push(SECOND, 1000).ok();
    user.s3dock("promote", FIRST, "production").ok();
  }

  @AfterEach
  void unmount() throws Exception {
    run("umount", disk.toString());
  }

  private User.Result push(String reference, int bytes) {
    byte[] content = Noise.of(bytes, bytes);
    ImageSpec image = ImageSpec.small().withFile("data", content);
    Path tar = TestImages.dockerSave(folder.resolve(bytes + ".tar"), image, reference);
    return user.s3dock("push", reference, "--from", tar.toString());
  }

  private static void run(String... command) throws Exception {
    Process process = new ProcessBuilder(command).inheritIO().start();
    assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
    assertThat(process.exitValue()).isZero();
  }

  private void readOnly(boolean yes) throws Exception {
    run("mount", "-o", "remount," + (yes ? "ro" : "rw"), disk.toString());
  }

  /** What readers see, and that it can be pulled. */
  private void requireAsBefore() {
    assertThat(user.s3dock("current", "my-app", "production").ok().line()).isEqualTo(FIRST);
    for (String reference : List.of(FIRST, SECOND)) {
      Path target = folder.resolve("pulled-" + System.nanoTime() + ".tar.gz");
      String tag = reference.substring(reference.indexOf(':') + 1);
      user.s3dock("pull", "my-app", tag, "--to", target.toString()).ok();
    }
    assertThat(user.s3dock("list", "images", "my-app").ok().out().lines()).hasSize(2);
  }

  @Test
  void a_push_that_does_not_fit_changes_nothing() throws Exception {
    for (String reference : List.of("my-app:20250801-0900-abc1234", SECOND)) {
      User.Result result = push(reference, 10 << 20);
      assertThat(result.exitCode()).as(result.err()).isEqualTo(ExitCode.FAILURE);
      assertThat(result.err()).contains("the file system is full; free some space");
      requireAsBefore();
    }
    push(SECOND, 2000).ok();
  }

  @Test
  void no_command_moves_anything_on_a_full_disk() throws Exception {
    Path filler = disk.resolve("filler");
    fill(filler);
    for (List<String> command :
        List.of(
            List.of("promote", SECOND, "production"),
            List.of("tag", SECOND, "v1.0.0"),
            List.of("cleanup", "my-app", "--keep-last", "1", "--apply"))) {
      User.Result result = user.s3dock(command.toArray(String[]::new));
      if (result.exitCode() != 0) {
        assertThat(result.exitCode()).as(result.err()).isEqualTo(ExitCode.FAILURE);
        assertThat(result.err()).contains("the file system is full");
      }
    }
    requireAsBefore();
    Files.delete(filler);
    user.s3dock("promote", SECOND, "production").ok();
  }

  private static void fill(Path filler) throws IOException {
    byte[] block = new byte[4096];
    try (var out = Files.newOutputStream(filler)) {
      while (true) {
        out.write(block);
      }
    } catch (IOException full) {
      assertThat(full).hasMessageContaining("No space left");
    }
  }

  @Test
  void what_may_only_be_read_is_read_and_not_changed() throws Exception {
    readOnly(true);
    requireAsBefore();
    user.s3dock("audit", "my-app").ok();
    user.s3dock("history", "my-app", "production").ok();
    for (List<String> command :
        List.of(List.of("promote", SECOND, "production"), List.of("tag", SECOND, "v1.0.0"))) {
      User.Result result = user.s3dock(command.toArray(String[]::new));
      assertThat(result.exitCode()).as(result.err()).isEqualTo(ExitCode.STORE);
      assertThat(result.err()).contains("is mounted read-only; mount it for writing");
    }
    User.Result pushed = push("my-app:20250801-0900-abc1234", 2000);
    assertThat(pushed.exitCode()).as(pushed.err()).isEqualTo(ExitCode.STORE);
    readOnly(false);
    requireAsBefore();
    user.s3dock("promote", SECOND, "production").ok();
  }

  @Test
  void an_archive_that_has_vanished_is_told_of_and_can_be_pushed_again() throws Exception {
    Files.delete(disk.resolve("store/images/my-app/202507/my-app-20250721-2118-f7a5a27.tar.gz"));
    Path target = folder.resolve("pulled.tar.gz");
    User.Result pulled =
        user.s3dock("pull", "my-app", "20250721-2118-f7a5a27", "--to", target.toString());
    assertThat(pulled.exitCode()).as(pulled.err()).isEqualTo(ExitCode.INTEGRITY);
    assertThat(target).doesNotExist();
    push(SECOND, 1000).ok();
    requireAsBefore();
  }

  @Test
  void a_pointer_that_cannot_be_put_in_its_place_is_told_of() throws Exception {
    Path pointer = disk.resolve("store/pointers/my-app/staging.json");
    Files.createDirectories(pointer.resolve("in the way"));
    User.Result result = user.s3dock("promote", SECOND, "staging", "--create");
    assertThat(result.exitCode()).as(result.err()).isEqualTo(ExitCode.FAILURE);
    assertThat(result.err()).contains("pointers/my-app/staging.json");
    requireAsBefore();
    Files.delete(pointer.resolve("in the way"));
    user.s3dock("promote", SECOND, "staging", "--create").ok();
  }
}
