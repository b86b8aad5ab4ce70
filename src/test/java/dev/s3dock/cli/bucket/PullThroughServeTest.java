package dev.s3dock.cli.bucket;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.testing.PlantedSecrets;
import dev.s3dock.testing.engine.Engines;
import dev.s3dock.testing.engine.Engines.TestEngine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Real engines pull through {@code serve}. */
@Tag("engine")
@Order(3)
@ResourceLock("reachable20")
@ResourceLock("reachable26")
class PullThroughServeTest {
  /** Those that only this class needs, by store. */
  private static final Map<String, TestEngine> OWN = new HashMap<>();

  @TempDir static Path folder;
  private static ServedBucket bucket;

  @BeforeAll
  static void serve() throws Exception {
    bucket = ServedBucket.start(folder);
  }

  @AfterAll
  static void end() throws IOException {
    OWN.values().forEach(TestEngine::close);
    bucket.close();
    bucket.requireNoFailure();
  }

  /** By version and store. */
  private static TestEngine engine(String kind) {
    return switch (kind) {
      case "20.10" -> Engines.reachable20();
      case "26.1" -> Engines.reachable26();
      case "28.5 classic" -> docker28("classic");
      case "28.5 containerd" -> docker28("containerd");
      default -> throw new AssertionError(kind);
    };
  }

  private static TestEngine docker28(String store) {
    return OWN.computeIfAbsent(store, _ -> Engines.anotherReachable28("served-" + store, store));
  }

  /** Without running it. */
  private static String page(TestEngine engine, String image) {
    String container = engine.docker("create", "--network", "none", image, "/none");
    try {
      engine.docker("cp", container + ":/" + ServedBucket.PAGE, folder + "/page");
      return Files.readString(folder.resolve("page"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      engine.docker("rm", container);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "20.10, gzip",
    "20.10, zstd",
    "26.1, gzip",
    "26.1, zstd",
    "28.5 classic, gzip",
    "28.5 classic, zstd",
    "28.5 containerd, gzip",
    "28.5 containerd, zstd"
  })
  void an_engine_pulls_by_environment_version_stamp_hash_and_digest(String kind, String app) {
    TestEngine engine = engine(kind);
    String repository = bucket.open().registry() + "/" + app;
    List<String> names =
        new ArrayList<>(
            List.of(
                ":" + ServedBucket.ENVIRONMENT,
                ":" + ServedBucket.VERSION,
                ":" + ServedBucket.STAMP));
    if (app.equals("gzip") || !kind.equals("20.10")) { // which cannot unpack zstd
      names.addFirst(bucket.digest(app));
    }
    for (String name : names) {
      engine.docker("pull", repository + name);
    }
    assertThat(page(engine, repository + names.getFirst())).isEqualTo(ServedBucket.page(app));
    assertThat(page(engine, repository + names.getLast())).isEqualTo(ServedBucket.page(app));
    engine.docker("rmi", "-f", engine.docker("images", "-q", repository).lines().findFirst().get());
  }

  @ParameterizedTest
  @ValueSource(strings = {"20.10", "26.1", "28.5 classic", "28.5 containerd"})
  void an_engine_logs_in_and_pulls_over_tls(String kind) throws Exception {
    TestEngine engine = engine(kind);
    String registry = bucket.secured().registry();
    String image = registry + "/gzip:" + ServedBucket.ENVIRONMENT;
    assertThat(run(engine, "", "pull", image)).isNotZero();
    assertThat(
            run(
                engine,
                PlantedSecrets.PASSWORD,
                "login",
                "--username",
                ServedBucket.LOGIN,
                "--password-stdin",
                registry))
        .isZero();
    assertThat(run(engine, "", "pull", image)).isZero();
    assertThat(page(engine, image)).isEqualTo(ServedBucket.page("gzip"));
    assertThat(bucket.secured().output()).contains(" anna \"GET /v2/gzip/blobs/");
    assertThat(run(engine, "", "logout", registry)).isZero();
    engine.docker("rmi", "-f", image);
  }

  /** With a home of its own, where it keeps what it has logged in with. */
  private static int run(TestEngine engine, String input, String... words) throws Exception {
    ProcessBuilder builder = new ProcessBuilder("docker");
    builder.command().addAll(List.of(words));
    builder.environment().putAll(engine.environment());
    builder.environment().put("DOCKER_CONFIG", folder.resolve("docker").toString());
    builder.redirectErrorStream(true);
    builder.redirectOutput(folder.resolve("docker.log").toFile());
    Process process = builder.start();
    process.getOutputStream().write(input.getBytes(UTF_8));
    process.getOutputStream().close();
    return process.waitFor();
  }
}
