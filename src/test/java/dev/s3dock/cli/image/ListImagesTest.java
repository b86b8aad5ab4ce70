package dev.s3dock.cli.image;

import static org.assertj.core.api.Assertions.assertThat;

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
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The stamp of a commit is a minute, and several commits may share it. */
class ListImagesTest {
  private static final String STAMP = "20250721-2118-";
  private static final List<String> HASHES = List.of("aaaaaaa", "ccccccc", "bbbbbbb");

  @TempDir Path folder;
  private User user;

  /** In this order, an hour after each other. */
  @BeforeEach
  void publish() throws IOException {
    Path store = folder.resolve("store");
    user = new User(folder).with("S3DOCK_BUCKET", store.toUri().toString());
    Instant time = Instant.parse("2025-07-22T08:00:00Z");
    for (String hash : HASHES) {
      String reference = "my-app:" + STAMP + hash;
      Path image =
          TestImages.dockerSave(
              folder.resolve(hash + ".tar"),
              ImageSpec.small().withFile("etc/motd", hash),
              reference);
      user.s3dock("push", reference, "--from", image.toString()).ok();
      for (String ending : List.of(".tar.gz", ".json")) {
        Files.setLastModifiedTime(
            store.resolve("images/my-app/202507/my-app-" + STAMP + hash + ending),
            FileTime.from(time));
      }
      time = time.plus(Duration.ofHours(1));
    }
  }

  private List<String> listed(String... options) {
    String[] command = new String[options.length + 3];
    System.arraycopy(new String[] {"list", "images", "my-app"}, 0, command, 0, 3);
    System.arraycopy(options, 0, command, 3, options.length);
    return user.s3dock(command)
        .ok()
        .out()
        .lines()
        .map(line -> line.replaceAll(".*-([a-c]{7})\t.*", "$1"))
        .toList();
  }

  @Test
  void of_one_minute_the_one_published_last_comes_first() {
    assertThat(listed()).containsExactlyElementsOf(HASHES.reversed());
    assertThat(listed("--limit", "1")).containsExactly("bbbbbbb");
    assertThat(listed("--limit", "2", "--month", "202507")).containsExactly("bbbbbbb", "ccccccc");
  }

  @Test
  void cleanup_keeps_the_one_published_last() {
    String plan = user.s3dock("cleanup", "my-app", "--keep-last", "1").ok().out();
    assertThat(plan).contains("aaaaaaa", "ccccccc").doesNotContain("bbbbbbb");
  }
}
