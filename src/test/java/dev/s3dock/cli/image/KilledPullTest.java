package dev.s3dock.cli.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.cli.User;
import dev.s3dock.engine.Engine;
import dev.s3dock.testing.Eventually;
import dev.s3dock.testing.FaultProxy;
import dev.s3dock.testing.FaultProxy.Fault;
import dev.s3dock.testing.FaultProxy.Request;
import dev.s3dock.testing.Noise;
import dev.s3dock.testing.engine.Engines;
import dev.s3dock.testing.engine.Engines.TestEngine;
import dev.s3dock.testing.engine.ImageSpec;
import dev.s3dock.testing.engine.TestImages;
import dev.s3dock.testing.store.S3Server;
import dev.s3dock.testing.store.S3Servers;
import dev.s3dock.transfer.loopback.PullEndpoint;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The process of a pull, killed by SIGKILL while the engine is pulling from it; on both engines
 * with {@code ./check --all}.
 */
@Tag("engine")
class KilledPullTest {
  private static final String REFERENCE = "killed-pull:20250721-2118-f7a5a27";
  private static final int MIB = 1 << 20;
  private static final Pattern RANGE = Pattern.compile("bytes=(\\d+)-\\d+");

  @TempDir Path folder;
  private final S3Server server = S3Servers.s3Mock();
  private final String bucket = S3Servers.newBucket(server);

  private User user(String name, TestEngine engine, String endpoint) {
    return new User(folder.resolve(name))
        .with(engine.environment())
        .with("S3DOCK_BUCKET", bucket)
        .with("AWS_ENDPOINT_URL", endpoint)
        .with("AWS_REGION", server.region())
        .with("AWS_ACCESS_KEY_ID", server.accessKey())
        .with("AWS_SECRET_ACCESS_KEY", server.secretKey());
  }

  /** Of the second layer, beyond what its first request brings; not the end of the archive. */
  private static boolean isInTheMiddle(Request request) {
    Matcher range = RANGE.matcher(request.headers().getOrDefault("range", ""));
    return request.method().equals("GET")
        && range.matches()
        && Long.parseLong(range.group(1)) > 20L * MIB
        && Long.parseLong(range.group(1)) < 34L * MIB;
  }

  static Stream<String> engines() {
    return Boolean.getBoolean("s3dock.all") ? Stream.of("20.10", "26.1") : Stream.of("26.1");
  }

  @ParameterizedTest
  @MethodSource("engines")
  void nothing_is_left_that_the_next_run_does_not_put_right(String version) throws Exception {
    TestEngine engine = version.equals("26.1") ? Engines.reachable26() : Engines.reachable20();
    engine.engine().removeTag(REFERENCE);
    // layers of its own, since the engine keeps those of the other tests, and would not ask for
    // them
    ImageSpec image =
        ImageSpec.empty()
            .withFile("killed", Noise.of(11, 18 * MIB))
            .withFile("pull", Noise.of(12, 17 * MIB));
    Path file = TestImages.dockerSave(folder.resolve("image.tar"), image, REFERENCE);
    User host = user("host", engine, server.endpoint().toString());
    host.s3dock("push", REFERENCE, "--from", file.toString()).ok();
    try (FaultProxy proxy = FaultProxy.inFrontOf(server.endpoint())) {
      proxy.spoil(Integer.MAX_VALUE, KilledPullTest::isInTheMiddle, new Fault.Stall(1000));
      Path log = folder.resolve("killed.log");
      Process process =
          user("killed", engine, proxy.endpoint().toString())
              .start(200, log, "pull", REFERENCE, "-l", "3");
      Eventually.holds(
          "the engine is pulling",
          () -> {
            assertThat(process.isAlive()).as(Files.readString(log)).isTrue();
            return proxy.requests().stream().anyMatch(KilledPullTest::isInTheMiddle);
          });
      process.destroyForcibly().waitFor();
    }

    User.Result next = host.s3dock("pull", REFERENCE, "-l", "3").ok();

    assertThat(next.out()).contains("pulled " + REFERENCE);
    assertThat(next.err()).doesNotContain("loading it");
    requireClean(engine.engine());
  }

  private static void requireClean(Engine engine) {
    String image = engine.inspect(REFERENCE).orElseThrow().id();
    assertThat(engine.isWhole(REFERENCE)).isTrue();
    assertThat(engine.references())
        .filteredOn(name -> name.contains("/" + PullEndpoint.PREFIX))
        .filteredOn(name -> engine.inspect(name).filter(it -> it.id().equals(image)).isPresent())
        .isEmpty();
  }
}
