package dev.s3dock.engine.docker;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.s3dock.engine.BuildRequest;
import dev.s3dock.engine.ContextSelection;
import dev.s3dock.engine.EngineException;
import dev.s3dock.engine.EngineException.Kind;
import dev.s3dock.engine.EngineImage;
import dev.s3dock.engine.EngineInfo.ImageStore;
import dev.s3dock.engine.SourceDates;
import dev.s3dock.image.AppName;
import dev.s3dock.image.Platform;
import dev.s3dock.testing.Noise;
import dev.s3dock.testing.engine.Engines.TestEngine;
import dev.s3dock.testing.engine.ImageSpec;
import dev.s3dock.testing.engine.TestImages;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the port promises, on one real engine; the classes inside say on which. */
@Tag("engine")
abstract class DockerEngineContract {
  @TempDir Path temp;

  abstract TestEngine engine();

  abstract ImageStore imageStore();

  @Test
  void info_tells_version_and_store() {
    var info = engine().engine().info();
    assertThat(info.imageStore()).isEqualTo(imageStore());
    assertThat(info.platform().os()).isEqualTo("linux");
    assertThat(info.apiVersion()).matches("1\\.\\d+");
    assertThat(info.version()).isNotEmpty();
  }

  @Test
  void inspect_tells_what_the_image_is() {
    String id = engine().helloImage(temp, "inspected:1", "inspect");
    engine().engine().tag(id, "inspected:2");
    EngineImage image = engine().engine().inspect("inspected:1").orElseThrow();
    assertThat(image.id()).isEqualTo(id).startsWith("sha256:");
    assertThat(image.references()).containsExactly("inspected:1", "inspected:2");
    assertThat(image.diffIds()).hasSize(2);
    assertThat(image.platform()).isEqualTo(engine().engine().info().platform());
    assertThat(image.created()).isAfter(Instant.parse("2020-01-01T00:00:00Z"));
    assertThat(engine().engine().inspect(id)).contains(image);
  }

  @Test
  void absent_image_is_empty_or_not_found() {
    assertThat(engine().engine().inspect("absent:1")).isEmpty();
    fails(() -> engine().engine().export("absent:1"), Kind.NOT_FOUND, "absent:1");
    fails(() -> engine().engine().tag("absent:1", "absent:2"), Kind.NOT_FOUND, "absent:1");
    engine().engine().removeTag("absent:1");
  }

  @Test
  void what_is_exported_can_be_loaded_again() throws IOException {
    String id = engine().helloImage(temp, "round-trip:1", "round trip");
    Path tar = temp.resolve("image.tar");
    try (InputStream exported = engine().engine().export("round-trip:1")) {
      Files.copy(exported, tar);
    }
    engine().engine().removeTag("round-trip:1");
    assertThat(engine().engine().inspect("round-trip:1")).isEmpty();
    try (InputStream saved = Files.newInputStream(tar)) {
      engine().engine().load(saved);
    }
    EngineImage loaded = engine().engine().inspect("round-trip:1").orElseThrow();
    assertThat(loaded.id()).isEqualTo(id);
    assertThat(
            engine()
                .docker(
                    "run",
                    "--rm",
                    "--network",
                    "none",
                    "round-trip:1",
                    "/bin/busybox",
                    "cat",
                    "/www/index.html"))
        .isEqualTo("round trip");
  }

  @Test
  void export_that_is_closed_early_leaves_the_connection_usable() throws IOException {
    engine().helloImage(temp, "aborted:1", "aborted");
    for (int i = 0; i < 20; i++) {
      try (InputStream exported = engine().engine().export("aborted:1")) {
        assertThat(exported.read()).isNotNegative();
      }
    }
    assertThat(engine().engine().inspect("aborted:1")).isPresent();
  }

  @Test
  void the_engine_knows_about_how_much_an_export_brings_and_how_far_a_load_is() throws IOException {
    byte[] large = Noise.of(7, 8 << 20);
    Path tar =
        TestImages.dockerSave(
            temp.resolve("sized.tar"), ImageSpec.small().withFile("large", large), "sized:1");
    List<Long> done = new ArrayList<>();
    List<Long> totals = new ArrayList<>();
    try (InputStream saved = Files.newInputStream(tar)) {
      engine()
          .engine()
          .load(
              saved,
              (bytes, total) -> {
                done.add(bytes);
                totals.add(total);
              });
    }
    assertThat(engine().engine().layerBytes("sized:1")).isBetween(8L << 20, 9L << 20);
    assertThat(engine().engine().layerBytes("absent:1")).isEqualTo(-1);
    assertThat(done).isSorted();
    if (imageStore() == ImageStore.GRAPH_DRIVER) { // the containerd store does not count
      assertThat(totals.getLast()).isGreaterThanOrEqualTo(8L << 20);
    }
  }

  @Test
  void load_of_something_else_is_refused_in_the_engines_words() {
    fails(
        () -> engine().engine().load(new ByteArrayInputStream(new byte[] {1, 2, 3})),
        Kind.LOAD_REFUSED,
        "refused");
    byte[] noise = Noise.of(1, 8 << 20);
    fails(
        () -> engine().engine().load(new ByteArrayInputStream(noise)),
        Kind.LOAD_REFUSED,
        "invalid tar header");
  }

  @Test
  void load_that_is_cut_off_is_refused() throws IOException {
    engine().helloImage(temp, "cut-off:1", "cut off");
    byte[] whole;
    try (InputStream exported = engine().engine().export("cut-off:1")) {
      whole = exported.readAllBytes();
    }
    engine().engine().removeTag("cut-off:1");
    byte[] part = Arrays.copyOf(whole, whole.length / 2);
    fails(
        () -> engine().engine().load(new ByteArrayInputStream(part)), Kind.LOAD_REFUSED, "refused");
    assertThat(engine().engine().inspect("cut-off:1")).isEmpty();
  }

  @Test
  void source_that_fails_during_a_load_is_not_taken_for_a_refusal() {
    InputStream broken =
        new InputStream() {
          @Override
          public int read() throws IOException {
            throw new IOException("the disk fell out");
          }

          @Override
          public int read(byte[] target, int offset, int length) throws IOException {
            throw new IOException("the disk fell out");
          }
        };
    assertThatThrownBy(() -> engine().engine().load(broken))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("the disk fell out");
    assertThat(engine().engine().info()).isNotNull();
  }

  @Test
  void images_are_those_of_the_app_and_of_no_other() {
    String first = engine().helloImage(temp, "listed:1", "listed 1");
    String second = engine().helloImage(temp, "listed:2", "listed 2");
    engine().engine().tag(first, "listed:1b");
    engine().engine().tag(first, "listed-not:1");
    engine().engine().tag(second, "example.org/listed:3");
    List<EngineImage> images = engine().engine().images(new AppName("listed"));
    assertThat(images).extracting(EngineImage::id).containsExactlyInAnyOrder(first, second);
    assertThat(images)
        .filteredOn(image -> image.id().equals(first))
        .singleElement()
        .extracting(EngineImage::references)
        .isEqualTo(List.of("listed-not:1", "listed:1", "listed:1b"));
  }

  @Test
  void all_images_are_told_those_of_the_app_first_and_no_more_than_asked_for() {
    String named = engine().helloImage(temp, "foremost:1", "foremost");
    engine().helloImage(temp, "hindmost:1", "hindmost"); // newer, but of another app
    List<EngineImage> images = engine().engine().images(new AppName("foremost"), 1000);
    assertThat(images).extracting(EngineImage::id).startsWith(named).doesNotHaveDuplicates();
    assertThat(images)
        .filteredOn(image -> image.references().contains("hindmost:1"))
        .singleElement()
        .isEqualTo(engine().engine().inspect("hindmost:1").orElseThrow());
    assertThat(engine().engine().images(new AppName("foremost"), 1)).hasSize(1);
  }

  /** Tools make such, for example {@code crane append}. */
  @Test
  void an_image_without_a_platform_is_passed_over_and_told_by_name() throws IOException {
    String named = engine().helloImage(temp, "beside:1", "beside");
    Path tar = TestImages.legacyDockerSave(temp.resolve("odd.tar"), ImageSpec.small(), "odd:1");
    String bytes = Files.readString(tar, ISO_8859_1);
    assertThat(bytes).contains("\"architecture\":\"amd64\"");
    Files.writeString(
        tar, bytes.replace("\"architecture\":\"amd64\"", "\"architecture\":\"\"     "), ISO_8859_1);
    engine().docker("load", "-i", tar.toString());
    try {
      assertThat(engine().engine().images(new AppName("beside"), 1000))
          .extracting(EngineImage::id)
          .contains(named);
      fails(() -> engine().engine().inspect("odd:1"), Kind.FAILED, "tells no platform");
    } finally {
      engine().docker("rmi", "odd:1");
    }
  }

  @Test
  void an_image_that_was_built_is_whole_and_an_absent_one_is_not() {
    engine().helloImage(temp, "whole:1", "whole");
    assertThat(engine().engine().isWhole("whole:1")).isTrue();
    assertThat(engine().engine().isWhole("whole:11")).isFalse();
    assertThat(engine().engine().isWhole("absent:1")).isFalse();
  }

  @Test
  void removed_tag_leaves_the_others() {
    String id = engine().helloImage(temp, "removed:1", "removed");
    engine().engine().tag(id, "removed:2");
    engine().engine().removeTag("removed:1");
    assertThat(engine().engine().inspect("removed:1")).isEmpty();
    assertThat(engine().engine().inspect(id).orElseThrow().references())
        .containsExactly("removed:2");
  }

  @Test
  void image_of_a_stopped_container_is_in_use() {
    String used = engine().helloImage(temp, "used:1", "used");
    String unused = engine().helloImage(temp, "unused:1", "unused");
    engine()
        .docker("run", "--network", "none", "--name", "stopped", "used:1", "/bin/busybox", "true");
    assertThat(engine().engine().imageIdsInUse()).contains(used).doesNotContain(unused);
    engine().docker("rm", "stopped");
    assertThat(engine().engine().imageIdsInUse()).doesNotContain(used);
  }

  @Test
  void last_tag_of_an_image_that_runs_is_not_removed() {
    engine().helloImage(temp, "running:1", "running");
    engine().docker("run", "-d", "--network", "none", "--name", "runs", "running:1");
    fails(() -> engine().engine().removeTag("running:1"), Kind.FAILED, "running:1");
    assertThat(engine().engine().inspect("running:1")).isPresent();
    engine().docker("rm", "-f", "runs");
    engine().engine().removeTag("running:1");
    assertThat(engine().engine().inspect("running:1")).isEmpty();
  }

  @Test
  void platform_of_the_request_is_the_images() {
    Platform other = Platform.parse("linux/arm64");
    engine().helloImage(temp, "crossed:1", "crossed", other);
    assertThat(engine().engine().inspect("crossed:1").map(EngineImage::platform)).contains(other);
    engine().helloImage(temp, "native:1", "crossed");
    assertThat(engine().engine().inspect("native:1").map(EngineImage::platform))
        .contains(engine().engine().info().platform());
  }

  @Test
  void classic_builder_passes_the_build_contract() throws IOException {
    new BuildContract(engine().engine(), engine(), temp, "classic").verify();
  }

  @Test
  void build_kit_passes_the_build_contract() throws IOException {
    try (DockerEngine buildKit =
        DockerEngine.connect(engine().environmentWithBuildx(), Duration.ofMinutes(2))) {
      new BuildContract(buildKit, engine(), temp, "buildkit").verify();
    }
  }

  /** The engine looks at the name before the files, and answers at once. */
  @Test
  void classic_build_that_is_refused_at_once_is_told_in_the_engines_words() throws IOException {
    Path context = Files.createDirectory(temp.resolve("large"));
    Path dockerfile = Files.writeString(context.resolve("Dockerfile"), "FROM scratch\n");
    Files.write(context.resolve("zeros"), new byte[64 << 20]);
    BuildRequest request =
        new BuildRequest(
            context,
            dockerfile,
            "UPPER:1",
            Optional.empty(),
            Map.of(),
            Optional.empty(),
            false,
            Map.of(),
            ContextSelection.WORK_TREE,
            SourceDates.of(Instant.EPOCH));
    fails(
        () -> engine().engine().build(request, OutputStream.nullOutputStream()),
        Kind.BUILD_FAILED,
        "must be lowercase");
  }

  static void fails(ThrowingCallable call, Kind kind, String text) {
    assertThatThrownBy(call)
        .asInstanceOf(type(EngineException.class))
        .satisfies(e -> assertThat(e).hasMessageContaining(text))
        .satisfies(e -> assertThat(e.kind()).isEqualTo(kind));
  }
}
