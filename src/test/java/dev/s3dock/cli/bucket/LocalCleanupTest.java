package dev.s3dock.cli.bucket;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.s3dock.cli.ExitCode;
import dev.s3dock.cli.User;
import dev.s3dock.testing.engine.Engines;
import dev.s3dock.testing.engine.Engines.TestEngine;
import dev.s3dock.testing.engine.ImageSpec;
import dev.s3dock.testing.engine.TestImages;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code cleanup --local} on both kinds of image store. */
@ResourceLock("docker20")
@ResourceLock("docker26")
class LocalCleanupTest {
  private static final String APP = "tidy";
  private static final String UNNEEDED = "tidy:20250701-1000-aaaaaa1";
  private static final String USED = "tidy:20250702-1000-aaaaaa2";
  private static final String LIVE = "tidy:20250703-1000-aaaaaa3";
  private static final String BEFORE = "tidy:20250704-1000-aaaaaa4";
  private static final String UNPUBLISHED = "tidy:20250705-1000-aaaaaa5";
  private static final String NEWEST = "tidy:20250706-1000-aaaaaa6";

  @TempDir Path folder;

  private TestEngine prepare(String version) throws IOException {
    TestEngine engine = version.equals("26") ? Engines.docker26() : Engines.docker20();
    engine
        .docker("images", "-q", APP)
        .lines()
        .distinct()
        .forEach(id -> engine.docker("rmi", "-f", id));
    User user = user(engine);
    for (String reference : List.of(UNNEEDED, USED, LIVE, BEFORE, UNPUBLISHED, NEWEST)) {
      Path tar =
          TestImages.dockerSave(
              folder.resolve("image.tar"), ImageSpec.empty().withFile("it", reference), reference);
      engine.docker("load", "-i", tar.toString());
      if (!reference.equals(UNPUBLISHED)) {
        user.s3dock("push", reference, "--from", tar.toString()).ok();
      }
    }
    user.s3dock("promote", LIVE, "production").ok();
    Path report = folder.resolve("store/deployments/tidy/production/here.json");
    Files.createDirectories(report.resolveSibling("."));
    Files.writeString(
        report,
        """
        {"host": "%s", "image_reference": "%s", "previous_image": "%s"}"""
            .formatted(InetAddress.getLocalHost().getHostName(), LIVE, BEFORE));
    return engine;
  }

  private User user(TestEngine engine) {
    return new User(folder)
        .with("S3DOCK_BUCKET", folder.resolve("store").toUri().toString())
        .with(engine.environment());
  }

  private static Map<String, String> results(User.Result result) {
    Map<String, String> results = new TreeMap<>();
    for (JsonNode image : result.ok().json().path("data").path("images")) {
      results.put(
          image.path("image_ref").textValue(),
          image.path("result").textValue() + ": " + image.path("why").textValue());
    }
    return results;
  }

  @ParameterizedTest
  @ValueSource(strings = {"20", "26"})
  @Tag("engine")
  void only_what_nothing_needs_goes(String version) throws IOException {
    TestEngine engine = prepare(version);
    String container = engine.docker("create", USED, "/it").strip();
    try {
      User user = user(engine);
      Map<String, String> plan =
          results(user.s3dock("cleanup", "--local", APP, "--keep", "1", "--json"));
      assertThat(plan)
          .containsExactly(
              Map.entry(UNNEEDED, "would go: not needed on this host"),
              Map.entry(USED, "stays: a container uses it"),
              Map.entry(LIVE, "stays: production is at it"),
              Map.entry(BEFORE, "stays: kept here to go back to"),
              Map.entry(UNPUBLISHED, "stays: not published, so it could not be pulled again"),
              Map.entry(NEWEST, "stays: among the newest 1"));
      assertThat(engine.docker("images", "-q", APP).lines()).hasSize(6);

      User.Result done = user.s3dock("cleanup", "--local", "--keep", "1", "--apply").ok();
      assertThat(done.out()).contains(UNNEEDED + "\tremoved\t");
      assertThat(engine.docker("images", "--format", "{{.Repository}}:{{.Tag}}", APP).lines())
          .containsExactlyInAnyOrder(USED, LIVE, BEFORE, UNPUBLISHED, NEWEST);
    } finally {
      engine.docker("rm", container);
    }
  }

  @Test
  @Tag("engine")
  void a_pull_with_keep_keeps_the_same_but_for_the_newest() throws IOException {
    TestEngine engine = prepare("20");
    String container = engine.docker("create", USED, "/it").strip();
    try {
      User.Result pulled = user(engine).s3dock("pull", APP, "production", "--keep", "1").ok();
      assertThat(pulled.out()).contains("removed " + NEWEST, "removed " + UNNEEDED);
      user(engine).s3dock("pull", LIVE, "--to", folder.resolve("layout") + "/").ok();
      JsonNode emptied =
          user(engine)
              .s3dock("cleanup", "--local", APP, "--cache-older-than", "0h", "--apply", "--json")
              .ok()
              .json();
      assertThat(emptied.path("data").path("cache_bytes").longValue()).isPositive();
      assertThat(folder.resolve("home/.cache/s3dock/chunks/v1")).isEmptyDirectory();
      assertThat(engine.docker("images", "--format", "{{.Repository}}:{{.Tag}}", APP).lines())
          .containsExactlyInAnyOrder(USED, LIVE, BEFORE, UNPUBLISHED);
    } finally {
      engine.docker("rm", container);
    }
  }

  @Test
  void its_options_are_its_own() {
    User user = new User(folder).with("S3DOCK_BUCKET", folder.resolve("store").toUri().toString());
    assertThat(user.s3dock("cleanup", "--local", "--older-than", "90d").exitCode()).isEqualTo(2);
    assertThat(user.s3dock("cleanup", "--keep", "3").exitCode()).isEqualTo(2);
    assertThat(user.s3dock("cleanup", "--local", "--keep", "-1").exitCode()).isEqualTo(2);
    assertThat(user.s3dock("cleanup", "--local").exitCode()).isEqualTo(ExitCode.ENGINE);
  }
}
