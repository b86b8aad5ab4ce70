package dev.s3dock.cli.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.cli.User;
import dev.s3dock.testing.FaultProxy;
import dev.s3dock.testing.engine.ImageSpec;
import dev.s3dock.testing.engine.TestImages;
import dev.s3dock.testing.store.S3Server;
import dev.s3dock.testing.store.S3Servers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code copy} from one bucket to another. */
class BucketCopyTest {
  private static final String REF = "my-app:20250721-2118-f7a5a27";
  private static final String STEM = "images/my-app/202507/my-app-20250721-2118-f7a5a27";

  @TempDir Path folder;
  private User user;

  @BeforeEach
  void stand() throws IOException {
    user = new User(folder);
    user.with("S3DOCK_BUCKET", folder.resolve("a").toUri().toString());
    configure(
        "{bucket: '%s'}".formatted(folder.resolve("a").toUri()),
        "{bucket: '%s'}".formatted(folder.resolve("b").toUri()));
  }

  private void configure(String first, String second) throws IOException {
    Files.writeString(
        user.workingDirectory().resolve("s3dock.json5"),
        "{default_profile: 'a', profiles: {a: %s, b: %s}}".formatted(first, second));
  }

  private void push(ImageSpec image) {
    Path saved = TestImages.dockerSave(folder.resolve("saved.tar"), image, REF);
    user.s3dock("push", REF, "--from", saved.toString()).ok();
  }

  @Test
  void an_image_is_the_same_in_another_bucket_with_all_its_platforms() throws IOException {
    push(ImageSpec.small());
    push(ImageSpec.small().withPlatform("linux/arm64"));
    user.s3dock("promote", REF, "production").ok();
    assertThat(user.s3dock("copy", "my-app:production", "--to-profile", "b").ok().out().lines())
        .hasSize(2)
        .allMatch(line -> line.startsWith("copied " + REF + " to " + STEM));
    for (String archive : new String[] {".tar.gz", ".linux-arm64.tar.gz"}) {
      assertThat(folder.resolve("b").resolve(STEM + archive))
          .hasSameBinaryContentAs(folder.resolve("a").resolve(STEM + archive));
    }
    user.s3dock("verify", "--all", "--deep", "--bucket", folder.resolve("b").toUri().toString())
        .ok();
    assertThat(user.s3dock("copy", REF, "--to-profile", "b").ok().out())
        .contains("is already published there, nothing to copy");
    assertThat(
            user.s3dock("copy", REF, "--from-profile", "b", "--to-profile", "a", "--json")
                .ok()
                .json()
                .path("data")
                .path("images")
                .path(0)
                .path("skipped")
                .asBoolean())
        .isTrue();
  }

  @Test
  void another_image_is_set_aside_and_a_damaged_one_is_not_copied() throws IOException {
    user.with("S3DOCK_BUCKET", folder.resolve("b").toUri().toString());
    push(ImageSpec.small().withFile("page", "old"));
    user.with("S3DOCK_BUCKET", folder.resolve("a").toUri().toString());
    push(ImageSpec.small().withFile("page", "new"));
    assertThat(user.s3dock("copy", REF, "--to-profile", "b").ok().out())
        .contains("the image it replaces is kept in archive/");
    user.s3dock("verify", "--all", "--deep", "--bucket", folder.resolve("b").toUri().toString())
        .ok();

    Path archive = folder.resolve("a").resolve(STEM + ".tar.gz");
    byte[] bytes = Files.readAllBytes(archive);
    bytes[bytes.length / 2] ^= 1;
    Files.write(archive, bytes);
    configure(
        "{bucket: '%s'}".formatted(folder.resolve("a").toUri()),
        "{bucket: '%s'}".formatted(folder.resolve("c").toUri()));
    User.Result damaged = user.s3dock("copy", REF, "--to-profile", "b");
    assertThat(damaged.exitCode()).as(damaged.err()).isEqualTo(5);
    assertThat(damaged.err()).contains("nothing was copied");
    assertThat(folder.resolve("c").resolve(STEM + ".json")).doesNotExist();
  }

  @Test
  void within_one_store_the_archive_is_copied_there() throws IOException {
    S3Server server = S3Servers.s3Mock();
    String first = S3Servers.newBucket(server);
    String second = S3Servers.newBucket(server);
    try (FaultProxy proxy = FaultProxy.inFrontOf(server.endpoint())) {
      String profile =
          "{bucket: '%s', region: '%s', endpoint: '%s', access_key: '%s', secret_key: '%s'}";
      configure(
          profile.formatted(
              first, server.region(), proxy.endpoint(), server.accessKey(), server.secretKey()),
          profile.formatted(
              second, server.region(), proxy.endpoint(), server.accessKey(), server.secretKey()));
      user.with("S3DOCK_BUCKET", "").with("AWS_ACCESS_KEY_ID", "");
      push(ImageSpec.small());
      assertThat(user.s3dock("copy", REF, "--to-profile", "b").ok().out())
          .contains("inside the store");
      assertThat(proxy.requests())
          .filteredOn(
              request ->
                  request.method().equals("PUT")
                      && request.target().startsWith("/" + second)
                      && request.target().contains(".tar.gz"))
          .singleElement()
          .satisfies(
              it -> assertThat(it.headers().get("x-amz-copy-source")).contains(first + "/images/"));
      user.s3dock("verify", "--all", "--deep", "--profile", "b").ok();
    }
  }

  @Test
  void what_cannot_be_meant_is_refused() {
    push(ImageSpec.small());
    for (String[] words :
        new String[][] {
          {"copy", REF, "localhost:5000/x", "--to-profile", "b"},
          {"copy", REF, "--to-profile", "a"},
          {"copy", REF}
        }) {
      assertThat(user.s3dock(words).exitCode()).as(String.join(" ", words)).isEqualTo(2);
    }
    assertThat(user.s3dock("copy", REF, "--to-profile", "c").exitCode()).isEqualTo(3);
  }
}
