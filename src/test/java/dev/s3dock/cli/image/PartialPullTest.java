package dev.s3dock.cli.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import dev.s3dock.archive.source.ImageScanner;
import dev.s3dock.archive.source.ImageSource;
import dev.s3dock.cli.User;
import dev.s3dock.engine.EngineException;
import dev.s3dock.testing.Noise;
import dev.s3dock.testing.TestTar;
import dev.s3dock.testing.engine.BuiltImage;
import dev.s3dock.testing.engine.Engines;
import dev.s3dock.testing.engine.Engines.TestEngine;
import dev.s3dock.testing.engine.ImageSpec;
import dev.s3dock.testing.engine.Plain;
import dev.s3dock.testing.engine.TestImages;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Pulls into engines that have some layers of the image already. */
@Tag("engine")
@ResourceLock("docker20")
@ResourceLock("docker26")
class PartialPullTest {
  private static final String OLD = "partial:20250720-1000-aaaaaaa";
  private static final String NEW = "partial:20250721-1000-bbbbbbb";
  private static final int BASE_BYTES = 3 << 20;

  @TempDir Path folder;

  /** One of each kind of image store, empty of what other tests have left. */
  enum Kind {
    GRAPH_DRIVER,
    CONTAINERD;

    TestEngine engine() {
      TestEngine engine = this == CONTAINERD ? Engines.docker26() : Engines.docker20();
      for (String name : List.of("partial", "other")) {
        List<String> held =
            engine.docker("images", "-q", "--no-trunc", name).lines().distinct().toList();
        held.forEach(image -> engine.docker("rmi", "-f", image));
      }
      return engine;
    }
  }

  private User user(TestEngine engine) {
    return new User(folder)
        .with("S3DOCK_BUCKET", folder.resolve("store").toUri().toString())
        .with(engine.environment());
  }

  /** Two layers that no other test has, and one above them. */
  private static ImageSpec spec(String top) {
    byte[] base = Noise.of(7, BASE_BYTES);
    return ImageSpec.empty()
        .withFile("base", base)
        .withFile("second", "second\n")
        .withFile("top", top);
  }

  private void push(User user, String reference, ImageSpec spec) {
    Path file = TestImages.dockerSave(folder.resolve(reference.replace(':', '-')), spec, reference);
    user.s3dock("push", reference, "--from", file.toString()).ok();
  }

  private static User.Result pull(User user, String reference, String... more) {
    String[] name = reference.split(":");
    return user.s3dock(
            Stream.concat(Stream.of("pull", name[0], name[1]), Stream.of(more))
                .toArray(String[]::new))
        .ok();
  }

  private static JsonNode data(User.Result result) {
    return result.json().path("data");
  }

  /** The engine hands out the very image, with all of its layers. */
  private static void assertWhole(TestEngine engine, String reference, ImageSpec spec)
      throws IOException {
    BuiltImage built = new BuiltImage(spec);
    try (InputStream export = engine.engine().export(reference)) {
      var image =
          ImageScanner.scan(ImageSource.ofStream(export, reference).withReference(reference));
      assertThat(image.imageId()).isEqualTo(built.imageId());
    }
    assertThat(engine.engine().isWhole(reference)).isTrue();
    assertThat(engine.engine().inspect(reference).orElseThrow().diffIds())
        .isEqualTo(built.diffIds());
  }

  @ParameterizedTest
  @EnumSource
  void the_next_version_costs_its_changed_layers(Kind kind) throws IOException {
    TestEngine engine = kind.engine();
    User user = user(engine);
    push(user, OLD, spec("old"));
    push(user, NEW, spec("new"));

    JsonNode first = data(pull(user, OLD, "--json"));
    assertThat(first.path("bytes_fetched").longValue()).isGreaterThan(BASE_BYTES);
    assertThat(first.path("bytes_saved").longValue()).isZero();
    User.Result second = pull(user, NEW);

    assertThat(second.out()).matches("pulled " + NEW + " \\(\\d+ B fetched, 3.0 MiB reused\\)\n");
    assertWhole(engine, NEW, spec("new"));
    JsonNode again = data(pull(user, NEW, "--json"));
    assertThat(again.path("skipped").booleanValue()).isTrue();
    assertThat(again.path("bytes_saved")).isEqualTo(again.path("size"));
  }

  @ParameterizedTest
  @EnumSource
  void an_edit_in_a_layer_costs_the_chunks_that_changed(Kind kind) throws IOException {
    TestEngine engine = kind.engine();
    User user = user(engine);
    byte[] content = Noise.of(8, 2 * BASE_BYTES);
    ImageSpec old = ImageSpec.empty().withFile("data", content.clone());
    content[BASE_BYTES] ^= 1;
    ImageSpec edited = ImageSpec.empty().withFile("data", content);
    push(user, OLD, old);
    push(user, NEW, edited);
    pull(user, OLD);

    JsonNode second = data(pull(user, NEW, "--json"));

    assertThat(second.path("bytes_cached").longValue()).isGreaterThan(BASE_BYTES / 2);
    assertThat(second.path("bytes_fetched").longValue() + second.path("bytes_cached").longValue())
        .isLessThanOrEqualTo(second.path("size").longValue());
    assertWhole(engine, NEW, edited);
  }

  @ParameterizedTest
  @EnumSource
  void what_was_prefetched_is_not_in_the_engine_and_need_not_be_fetched(Kind kind)
      throws IOException {
    TestEngine engine = kind.engine();
    User user = user(engine);
    push(user, OLD, spec("old"));
    push(user, NEW, spec("new").withFile("more", new byte[100_000]));
    pull(user, OLD);

    JsonNode prefetched = data(user.s3dock("prefetch", NEW, "--json").ok());

    assertThat(prefetched.path("kept").booleanValue()).isTrue();
    assertThat(prefetched.path("bytes_saved").longValue()).isGreaterThan(BASE_BYTES);
    assertThat(engine.docker("images", "-q", NEW)).isEmpty();
    JsonNode pulled = data(pull(user, NEW, "--json"));
    assertThat(pulled.path("bytes_cached").longValue()).isPositive();
    assertThat(pulled.path("bytes_fetched").longValue()).isLessThan(10_000);
    assertWhole(engine, NEW, spec("new").withFile("more", new byte[100_000]));
  }

  @ParameterizedTest
  @EnumSource
  void an_image_whose_config_alone_is_new_costs_no_layer(Kind kind) throws IOException {
    TestEngine engine = kind.engine();
    User user = user(engine);
    push(user, OLD, spec("old"));
    push(user, NEW, spec("old").withLabel("release", "2"));
    pull(user, OLD);

    JsonNode second = data(pull(user, NEW, "--json"));

    assertThat(second.path("bytes_fetched").longValue()).isLessThan(10_000);
    assertWhole(engine, NEW, spec("old").withLabel("release", "2"));
    assertWhole(engine, OLD, spec("old"));
  }

  @ParameterizedTest
  @EnumSource
  void a_layer_that_occurs_again_above_the_common_ones_is_not_missing(Kind kind)
      throws IOException {
    TestEngine engine = kind.engine();
    User user = user(engine);
    ImageSpec repeating = spec("old").withFile("new", "new\n").withFile("second", "second\n");
    push(user, OLD, spec("old"));
    push(user, NEW, repeating);
    pull(user, OLD);

    JsonNode second = data(pull(user, NEW, "--json"));

    assertThat(second.path("bytes_saved").longValue()).isGreaterThan(BASE_BYTES);
    assertWhole(engine, NEW, repeating);
  }

  @ParameterizedTest
  @EnumSource
  void layers_in_another_order_are_used_where_the_engine_can(Kind kind) throws IOException {
    TestEngine engine = kind.engine();
    User user = user(engine);
    ImageSpec turned =
        new ImageSpec(spec("old").layers().reversed(), Map.of(), spec("old").platform());
    push(user, OLD, spec("old"));
    push(user, NEW, turned);
    pull(user, OLD);

    JsonNode second = data(pull(user, NEW, "--json"));

    if (kind == Kind.CONTAINERD) {
      assertThat(second.path("bytes_saved").longValue()).isGreaterThan(BASE_BYTES);
    } else {
      assertThat(second.path("bytes_saved").longValue()).isZero();
    }
    assertWhole(engine, NEW, turned);
  }

  /** What was built there is unpacked there; but the containerd store has no plain blobs of it. */
  @ParameterizedTest
  @EnumSource
  void upon_an_image_that_was_built_there_the_engine_ends_up_with_the_whole_one(Kind kind)
      throws IOException {
    TestEngine engine = kind.engine();
    User user = user(engine);
    Path context = Files.createDirectories(folder.resolve("context"));
    Files.writeString(context.resolve("data"), "built at " + System.nanoTime());
    Files.writeString(context.resolve("Dockerfile"), "FROM scratch\nCOPY data /data\n");
    engine.engine().build(Plain.build(context, OLD), OutputStream.nullOutputStream());
    user.s3dock("push", OLD).ok();
    Files.writeString(
        context.resolve("Dockerfile"), "FROM scratch\nCOPY data /data\nCOPY data /more\n");
    engine.engine().build(Plain.build(context, NEW), OutputStream.nullOutputStream());
    user.s3dock("push", NEW).ok();
    engine.docker("rmi", NEW);

    User.Result pulled = pull(user, NEW, "--log-level", "3");

    if (kind == Kind.CONTAINERD) {
      assertThat(pulled.err()).contains("left out 1 layer because", "fetching everything");
      assertThat(pulled.out()).doesNotContain("reused");
    } else {
      assertThat(pulled.out()).contains("reused");
    }
    assertThat(engine.engine().isWhole(NEW)).isTrue();
    assertThat(user.s3dock("push", NEW).ok().out()).contains("already published");
  }

  /** A load that was refused leaves a record of the image in the containerd store. */
  @ParameterizedTest
  @EnumSource
  void a_record_of_an_image_without_its_layers_is_not_taken_for_the_image(Kind kind)
      throws IOException {
    TestEngine engine = kind.engine();
    User user = user(engine);
    push(user, NEW, spec("new"));
    var files = TestImages.dockerSaveFiles(spec("new"), NEW);
    new BuiltImage(spec("new")).diffIds().forEach(id -> files.remove("blobs/sha256/" + id.hex()));
    assertThatExceptionOfType(EngineException.class)
        .isThrownBy(() -> engine.engine().load(new ByteArrayInputStream(TestTar.of(files))));
    assertThat(engine.engine().inspect(NEW).isPresent()).isEqualTo(kind == Kind.CONTAINERD);
    assertThat(engine.engine().isWhole(NEW)).isFalse();

    pull(user, NEW);

    assertWhole(engine, NEW, spec("new"));
  }
}
