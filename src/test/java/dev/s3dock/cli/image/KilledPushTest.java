package dev.s3dock.cli.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.cli.User;
import dev.s3dock.engine.Engine;
import dev.s3dock.testing.Eventually;
import dev.s3dock.testing.Noise;
import dev.s3dock.testing.engine.Engines;
import dev.s3dock.testing.engine.Engines.TestEngine;
import dev.s3dock.testing.engine.ImageSpec;
import dev.s3dock.testing.engine.TestImages;
import dev.s3dock.transfer.loopback.LoopbackRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The process of a push, killed by SIGKILL while the engine pushes a layer to it; on both engines
 * with {@code ./check --all}.
 */
@Tag("engine")
class KilledPushTest {
  private static final String APP = "killed-push";
  private static final String FIRST = APP + ":20250720-1000-aaaaaaa";
  private static final String SECOND = APP + ":20250721-2118-f7a5a27";
  private static final int MIB = 1 << 20;

  @TempDir Path folder;

  static Stream<String> engines() {
    return Boolean.getBoolean("s3dock.all") ? Stream.of("20.10", "26.1") : Stream.of("20.10");
  }

  @ParameterizedTest
  @MethodSource("engines")
  void nothing_is_left_that_the_next_run_does_not_put_right(String version) throws Exception {
    TestEngine engine = version.equals("26.1") ? Engines.reachable26() : Engines.reachable20();
    load(engine, FIRST, Noise.of(31, 1));
    User host =
        new User(folder)
            .with(engine.environment())
            .with("S3DOCK_BUCKET", folder.resolve("bucket").toUri().toString());
    host.s3dock("push", FIRST).ok();
    load(engine, SECOND, Noise.of(32, 11 * MIB));
    Path log = folder.resolve("killed.log");

    Process process = host.start(200, log, "push", SECOND, "-l", "3");
    Eventually.holds(
        "the engine is pushing",
        () -> {
          assertThat(process.isAlive()).as(Files.readString(log)).isTrue();
          return temporaryName(engine.engine()).isPresent();
        });
    process.destroyForcibly().waitFor();

    assertThat(temporaryName(engine.engine())).as("what the killed one has left").isPresent();
    User.Result next = host.s3dock("push", SECOND, "-l", "3").ok();
    assertThat(next.err())
        .contains("taking 1 of 2 layers from the engine")
        .doesNotContain("saving");
    assertThat(temporaryName(engine.engine())).isEmpty();
    assertThat(host.s3dock("list", "images", APP).ok().out().lines()).hasSize(2);
    host.s3dock("verify", APP).ok();
    assertThat(host.temporary()).isEmptyDirectory();
  }

  /** Three quarters of the second image are known, which is when a layer is asked for. */
  private void load(TestEngine engine, String reference, byte[] top) throws Exception {
    ImageSpec image =
        ImageSpec.empty().withFile("base", Noise.of(30, 36 * MIB)).withFile("top", top);
    Path file = TestImages.dockerSave(folder.resolve("image.tar"), image, reference);
    engine.engine().load(Files.newInputStream(file));
  }

  private static Optional<String> temporaryName(Engine engine) {
    return engine.references().stream()
        .filter(name -> name.contains("/" + LoopbackRegistry.PREFIX))
        .filter(name -> name.contains("/" + APP + ":"))
        .findFirst();
  }
}
