package dev.s3dock.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.testing.engine.Engines;
import dev.s3dock.testing.engine.Engines.TestEngine;
import dev.s3dock.testing.store.Ceph;
import dev.s3dock.testing.store.S3Server;
import dev.s3dock.testing.store.S3Servers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The main job on real engines and real stores: a commit of last month is built on one engine and
 * runs on another one that was empty. Each engine meets each store, as the one that builds or as
 * the one that runs; in both roles with {@code ./check --all}.
 */
@Tag("engine")
@ResourceLock("docker20")
@ResourceLock("docker26")
class EndToEndTest {
  private static final boolean ALL = Boolean.getBoolean("s3dock.all");
  private static final String APP = "hello-world";
  private static final String STAMP = "20250630-2350";

  @TempDir Path folder;

  /** Where the bucket is. */
  enum Store {
    FOLDER,
    S3MOCK,
    S3PROXY,
    CEPH
  }

  static Stream<Arguments> engines_and_stores() {
    Stream<Arguments> some =
        Stream.of(
            Arguments.of("20.10", "26.1", Store.FOLDER),
            Arguments.of("26.1", "20.10", Store.S3MOCK),
            Arguments.of("20.10", "26.1", Store.S3PROXY),
            Arguments.of("26.1", "20.10", Store.CEPH));
    Stream<Arguments> others =
        Stream.of(
            Arguments.of("26.1", "20.10", Store.FOLDER),
            Arguments.of("20.10", "26.1", Store.S3MOCK),
            Arguments.of("26.1", "20.10", Store.S3PROXY),
            Arguments.of("20.10", "26.1", Store.CEPH));
    return ALL ? Stream.concat(some, others) : some;
  }

  @ParameterizedTest
  @MethodSource("engines_and_stores")
  void build_push_tag_promote_current_list_pull_run(String from, String to, Store store)
      throws Exception {
    TestEngine builder = engine(from);
    TestEngine runner = engine(to);
    forget(builder);
    forget(runner);
    Path repository = repository();
    User developer = user("developer", builder, store).in(repository);
    User host = user("host", runner, store);

    String ref = developer.s3dock("build", APP).ok().line();
    assertThat(ref).matches(APP + ":" + STAMP + "-[0-9a-f]{7}");
    assertThat(developer.s3dock("push", ref).ok().out()).contains("pushed " + ref);
    assertThat(developer.s3dock("push", ref).ok().out()).contains("already published");
    developer.s3dock("tag", ref, "v1.2.0").ok();
    developer.s3dock("promote", APP, "v1.2.0", "production").ok();

    assertThat(host.s3dock("current", APP, "production").ok().line()).isEqualTo(ref);
    assertThat(host.s3dock("list", "images", APP).ok().line()).isEqualTo(ref + "\t202506");
    assertThat(host.s3dock("pull", APP, "production").ok().out()).contains("pulled " + ref);
    assertThat(host.s3dock("pull", APP, "production").ok().out())
        .contains("is already in the engine");
    assertThat(
            runner.docker(
                "run", "--rm", "--network", "none", ref, "/bin/busybox", "cat", "/www/index.html"))
        .contains("hello of last month");
  }

  private static TestEngine engine(String version) {
    return version.equals("26.1") ? Engines.docker26() : Engines.docker20();
  }

  private static void forget(TestEngine engine) {
    List<String> images =
        engine.docker("images", "-q", "--no-trunc", APP).lines().distinct().toList();
    for (String image : images) {
      engine.docker("rmi", "-f", image);
    }
    assertThat(engine.docker("images", "-q", APP)).isEmpty();
  }

  private final Map<Store, String> buckets = new EnumMap<>(Store.class);

  private User user(String name, TestEngine engine, Store store) {
    User user = new User(folder.resolve(name)).with(engine.environment());
    return switch (store) {
      case FOLDER -> user.with("S3DOCK_BUCKET", folder.resolve("store").toUri().toString());
      case S3MOCK -> s3(user, store, S3Servers.s3Mock());
      case S3PROXY -> s3(user, store, S3Servers.s3Proxy());
      case CEPH -> s3(user, store, Ceph.server());
    };
  }

  private User s3(User user, Store store, S3Server server) {
    return user.with(
            "S3DOCK_BUCKET", buckets.computeIfAbsent(store, s -> S3Servers.newBucket(server)))
        .with("AWS_ENDPOINT_URL", server.endpoint().toString())
        .with("AWS_REGION", server.region())
        .with("AWS_ACCESS_KEY_ID", server.accessKey())
        .with("AWS_SECRET_ACCESS_KEY", server.secretKey());
  }

  /** A repository whose one commit was made on the last evening of June, two hours east. */
  private Path repository() throws IOException, InterruptedException {
    Path repository = Engines.helloContext(folder.resolve("repository"), "hello of last month");
    git(repository, "init", "-q");
    git(repository, "add", "-A");
    git(repository, "commit", "-q", "-m", "Say hello");
    return repository;
  }

  private static void git(Path repository, String... args)
      throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder();
    builder.command().addAll(List.of("git", "-c", "user.name=t", "-c", "user.email=t@example.com"));
    builder.command().addAll(List.of(args));
    builder.environment().put("GIT_COMMITTER_DATE", "2025-06-30T23:50:00+0200");
    Files.createDirectories(repository);
    Process process = builder.directory(repository.toFile()).inheritIO().start();
    assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
    assertThat(process.exitValue()).isZero();
  }
}
