package dev.s3dock.cli.bucket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.cli.User;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * 100,000 objects of one app are listed in a heap that could not hold them; half of them in {@code
 * ./check}.
 */
class LargeBucketTest {
  private static final int MONTHS = Boolean.getBoolean("s3dock.all") ? 20 : 10;
  private static final int IMAGES_A_MONTH = 2_500;

  @TempDir Path folder;

  @Test
  void a_long_list_takes_no_more_memory_than_a_short_one() throws Exception {
    Path store = folder.resolve("store");
    for (int month = 0; month < MONTHS; month++) {
      fill(store, "%04d%02d".formatted(2023 + month / 12, 1 + month % 12));
    }
    User user = new User(folder).with("S3DOCK_BUCKET", store.toUri().toString());
    Path output = folder.resolve("output");
    Process process = user.start(24, output, "list", "images", "my-app");
    assertThat(process.waitFor(10, TimeUnit.MINUTES)).isTrue();
    List<String> lines = Files.readAllLines(output);
    assertThat(process.exitValue()).as(lines.getFirst()).isZero();
    assertThat(lines).hasSize(MONTHS * IMAGES_A_MONTH);
    assertThat(lines).isSortedAccordingTo((a, b) -> b.compareTo(a));
  }

  @Test
  void to_verify_many_images_takes_no_more_memory_than_a_few() throws Exception {
    Path store = folder.resolve("store");
    String metadata = "{\"checksum\": \"" + "0".repeat(32) + "\", \"size\": 1}";
    for (int month = 1; month <= 4; month++) {
      fill(store, "2025%02d".formatted(month), metadata, "x");
    }
    User user = new User(folder).with("S3DOCK_BUCKET", store.toUri().toString());
    Path output = folder.resolve("output");
    Process process = user.start(32, output, "verify", "my-app");
    assertThat(process.waitFor(10, TimeUnit.MINUTES)).isTrue();
    List<String> lines = Files.readAllLines(output);
    assertThat(process.exitValue()).as(lines.getLast()).isZero();
    assertThat(lines).hasSize(4 * IMAGES_A_MONTH + 1);
    assertThat(lines.getLast()).startsWith("verified 10000 images (9.8 KiB)");
    assertThat(lines.subList(0, 10_000))
        .allMatch(line -> line.startsWith("note\timages/my-app/2025"))
        .isSorted();
  }

  @Test
  void a_long_audit_trail_takes_no_more_memory_than_a_short_one() throws Exception {
    Path store = folder.resolve("store");
    int days = 10;
    for (int day = 1; day <= days; day++) {
      fillTrail(store, "202508%02d".formatted(day));
    }
    User user = new User(folder).with("S3DOCK_BUCKET", store.toUri().toString());
    Path output = folder.resolve("output");
    Process process = user.start(32, output, "audit", "my-app");
    assertThat(process.waitFor(10, TimeUnit.MINUTES)).isTrue();
    List<String> lines = Files.readAllLines(output);
    assertThat(process.exitValue()).as(lines.getFirst()).isZero();
    assertThat(lines).hasSize(days * 2_000).isSorted();
  }

  /** 2,000 events of a kilobyte, each a second after the other. */
  private static void fillTrail(Path store, String day) throws IOException {
    Path month = Files.createDirectories(store.resolve("audit/my-app/" + day.substring(0, 6)));
    for (int i = 0; i < 2_000; i++) {
      String minute = "%02d%02d".formatted(i / 3600, i / 60 % 60);
      String name = "%s-%s-push-f7a5a27%s.json".formatted(day, minute, "-" + (2 + i % 60));
      Files.writeString(
          month.resolve(name),
          """
          {"event_type": "push", "timestamp": "2025-08-%sT%02d:%02d:%02dZ", "user": "ci",
           "details": {"image_reference": "my-app:20250721-2118-f7a5a27", "note": "%s"}}
          """
              .formatted(day.substring(6), i / 3600, i / 60 % 60, i % 60, "x".repeat(800)));
    }
  }

  private static void fill(Path store, String month) throws IOException {
    fill(store, month, "", "");
  }

  private static void fill(Path store, String month, String metadata, String archive)
      throws IOException {
    Path images = Files.createDirectories(store.resolve("images/my-app/" + month));
    Path one = Files.writeString(store.resolve("metadata-" + month), metadata);
    Path other = Files.writeString(store.resolve("archive-" + month), archive);
    for (int i = 0; i < IMAGES_A_MONTH; i++) {
      String stamp = "%s%02d-%02d%02d".formatted(month, 1 + i / 120, i % 120 / 5, i % 5);
      Path stem = images.resolve("my-app-" + stamp + "-f7a5a27");
      Files.createLink(Path.of(stem + ".json"), one); // quicker made than files
      Files.createLink(Path.of(stem + ".tar.gz"), other);
    }
    Files.delete(one);
    Files.delete(other);
  }
}
