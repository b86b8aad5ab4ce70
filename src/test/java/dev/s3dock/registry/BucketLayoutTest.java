package dev.s3dock.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.image.AppName;
import dev.s3dock.image.Environment;
import dev.s3dock.image.Platform;
import dev.s3dock.image.Version;
import dev.s3dock.store.ObjectKey;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BucketLayoutTest {
  private static final Instant AT = Instant.parse("2025-07-31T23:59:59Z");

  @Test
  void an_image_is_filed_under_the_month_of_its_commit() {
    ImageKey key = BucketLayout.image(Bucket.image("20250721-2118-f7a5a27"));
    assertThat(key.archive(ArchiveForm.GZIP))
        .hasToString("images/my-app/202507/my-app-20250721-2118-f7a5a27.tar.gz");
    assertThat(key.metadata())
        .hasToString("images/my-app/202507/my-app-20250721-2118-f7a5a27.json");
  }

  @Test
  void a_further_platform_lies_beside_the_first() {
    ImageKey first = BucketLayout.image(Bucket.image("20250721-2118-f7a5a27"));
    ImageKey key = BucketLayout.furtherPlatform(first, Platform.parse("linux/arm/v7"));
    assertThat(key.archive(ArchiveForm.GZIP))
        .hasToString("images/my-app/202507/my-app-20250721-2118-f7a5a27.linux-arm-v7.tar.gz");
    assertThat(BucketLayout.parseImage(key.archive(ArchiveForm.GZIP))).contains(key);
    assertThat(BucketLayout.parseImage(key.metadata())).contains(key);
  }

  @Test
  void an_archive_of_zstd_frames_has_its_own_suffix_and_the_same_metadata() {
    ImageKey key = BucketLayout.image(Bucket.image("20250721-2118-f7a5a27"));
    assertThat(key.archive(ArchiveForm.ZSTD))
        .hasToString("images/my-app/202507/my-app-20250721-2118-f7a5a27.tar.zst");
    assertThat(BucketLayout.parseImage(key.archive(ArchiveForm.ZSTD))).contains(key);
    assertThat(key.archivedArchive(ArchiveForm.ZSTD, AT, 1))
        .hasToString(
            "archive/my-app/202507/my-app-20250721-2118-f7a5a27-archived-on-20250731-2359.tar.zst");
    ImageKey arm = BucketLayout.furtherPlatform(key, Platform.parse("linux/arm64"));
    assertThat(BucketLayout.parseImage(arm.archive(ArchiveForm.ZSTD))).contains(arm);
    assertThat(arm.archive(ArchiveForm.ZSTD).value()).endsWith(".linux-arm64.tar.zst");
    assertThat(List.of(key.archive(ArchiveForm.GZIP), key.archive(ArchiveForm.ZSTD)))
        .extracting(ArchiveForm::of)
        .containsExactly(ArchiveForm.GZIP, ArchiveForm.ZSTD);
  }

  @Test
  void the_other_objects_lie_where_the_original_puts_them() {
    AppName app = Bucket.APP;
    ImageKey key = BucketLayout.image(Bucket.image("20250721-2118-f7a5a27"));
    assertThat(BucketLayout.tag(app, new Version("v1.2.0"))).hasToString("tags/my-app/v1.2.0.json");
    assertThat(BucketLayout.pointer(app, new Environment("production")))
        .hasToString("pointers/my-app/production.json");
    assertThat(BucketLayout.audit(app, AT, "push", "f7a5a27", 1))
        .hasToString("audit/my-app/202507/20250731-2359-push-f7a5a27.json");
    assertThat(BucketLayout.audit(app, AT, "push", "f7a5a27", 3))
        .hasToString("audit/my-app/202507/20250731-2359-push-f7a5a27-3.json");
    assertThat(key.archivedArchive(ArchiveForm.GZIP, AT, 1))
        .hasToString(
            "archive/my-app/202507/my-app-20250721-2118-f7a5a27-archived-on-20250731-2359.tar.gz");
    assertThat(key.archivedMetadata(AT, 2))
        .hasToString(
            "archive/my-app/202507/my-app-20250721-2118-f7a5a27-archived-on-20250731-2359-2.json");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "images/my-app/202507/other-20250721-2118-f7a5a27.tar.gz",
        "images/my-app/2025/my-app-20250721-2118-f7a5a27.tar.gz",
        "images/my-app/202507/my-app-20250230-2118-f7a5a27.tar.gz",
        "images/my-app/202507/my-app-20250721-2118-f7a5a27.zip",
        "images/My/202507/My-20250721-2118-f7a5a27.tar.gz",
        "tags/my-app/v1.json",
        "images/my-app/202507/sub/my-app-20250721-2118-f7a5a27.tar.gz"
      })
  void other_keys_are_no_images(String key) {
    assertThat(BucketLayout.parseImage(new ObjectKey(key))).isEmpty();
  }
}
