package dev.s3dock.cli.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.archive.source.ImageScanner;
import dev.s3dock.archive.source.ImageSource;
import dev.s3dock.cli.User;
import dev.s3dock.testing.FaultProxy;
import dev.s3dock.testing.FaultProxy.Fault;
import dev.s3dock.testing.FaultProxy.Request;
import dev.s3dock.testing.Noise;
import dev.s3dock.testing.SameFiles;
import dev.s3dock.testing.engine.BuiltImage;
import dev.s3dock.testing.engine.Engines;
import dev.s3dock.testing.engine.Engines.TestEngine;
import dev.s3dock.testing.engine.ImageSpec;
import dev.s3dock.testing.engine.TestImages;
import dev.s3dock.testing.store.S3Server;
import dev.s3dock.testing.store.S3Servers;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * One request of a pull goes wrong, each in turn: the pull goes on, and what it brings is right.
 */
@ResourceLock("docker20")
@ResourceLock("docker26")
@Order(2)
class FaultyPullTest {
  private static final String OLD = "my-app:20250720-0800-1234567";
  private static final String REF = "my-app:20250721-2118-f7a5a27";
  private static final String TAG = REF.split(":")[1];
  private static final int RANGE = 8 << 20;
  private static final boolean ALL = Boolean.getBoolean("s3dock.all");

  private static final S3Server SERVER = S3Servers.s3Mock();
  private static final String BUCKET = S3Servers.newBucket(SERVER);
  private static final ImageSpec BEFORE = ImageSpec.empty().withFile("base", new byte[1 << 20]);
  private static final ImageSpec SPEC =
      BEFORE.withFile("data", Noise.of(1, RANGE + 100_000)).withFile("etc/motd", "hello");

  @TempDir static Path shared;
  @TempDir Path folder;
  private static Path expected;
  private int users;

  /** What may happen to a request. */
  enum Trouble {
    RESET,
    TRUNCATED,
    ERROR_500,
    SLOW_DOWN,
    /** What S3 answers to a range of a state that is gone; here it has only seemed so. */
    CHANGED;

    Fault fault() {
      return switch (this) {
        case RESET -> new Fault.Disconnect();
        case TRUNCATED -> new Fault.Truncate(10);
        case ERROR_500 -> error(500, "InternalError");
        case SLOW_DOWN -> error(503, "SlowDown");
        case CHANGED -> error(412, "PreconditionFailed");
      };
    }

    boolean concerns(Request request) {
      return this != CHANGED || isRange(request);
    }
  }

  private static Fault error(int status, String code) {
    return new Fault.Answer(
        status,
        Map.of("Content-Type", "application/xml"),
        "<Error><Code>" + code + "</Code></Error>");
  }

  private static long start(Request request) {
    String range = request.headers().getOrDefault("range", "");
    return Long.parseLong(range.replaceAll("bytes=(\\d+)-.*", "$1"));
  }

  private static boolean isRange(Request request) {
    return request.method().equals("GET") && request.headers().containsKey("range");
  }

  /** Once, for all pulls. */
  @BeforeAll
  static void publish() {
    expected = shared.resolve("expected.tar.gz");
    User publisher = userIn(shared, SERVER.endpoint());
    push(publisher, OLD, BEFORE);
    push(publisher, REF, SPEC);
    publisher.s3dock("pull", "my-app", TAG, "--to", expected.toString()).ok();
  }

  private static void push(User publisher, String reference, ImageSpec image) {
    Path file = TestImages.dockerSave(shared.resolve("image.tar"), image, reference);
    publisher.s3dock("push", reference, "--from", file.toString()).ok();
  }

  private User user(URI endpoint) {
    return userIn(folder, endpoint)
        .with("XDG_CACHE_HOME", folder.resolve("cache-" + users++).toString()); // no chunk is there
  }

  private static User userIn(Path folder, URI endpoint) {
    return new User(folder)
        .with("S3DOCK_BUCKET", BUCKET)
        .with("AWS_ENDPOINT_URL", endpoint.toString())
        .with("AWS_REGION", SERVER.region())
        .with("AWS_ACCESS_KEY_ID", SERVER.accessKey())
        .with("AWS_SECRET_ACCESS_KEY", SERVER.secretKey());
  }

  /** A pull of a user who goes through the proxy, and a look at what it brought. */
  private interface Pull {
    void run(User user) throws IOException;
  }

  /**
   * Runs the pull until each of its requests has failed once.
   *
   * @param troubles which take turns
   */
  private void spoilEach(List<Trouble> troubles, Pull pull) throws IOException {
    int spoiled = 0;
    for (boolean met = true; met; spoiled++) {
      Trouble trouble = troubles.get(spoiled % troubles.size());
      AtomicInteger left = new AtomicInteger(spoiled);
      Predicate<Request> nth = request -> trouble.concerns(request) && left.getAndDecrement() == 0;
      try (FaultProxy proxy = FaultProxy.inFrontOf(SERVER.endpoint())) {
        proxy.spoil(1, nth, trouble.fault());
        pull.run(user(proxy.endpoint()));
      }
      met = left.get() < 0;
    }
    assertThat(spoiled).as("pulls with %s", troubles).isGreaterThan(2);
  }

  @ParameterizedTest
  @EnumSource
  void to_a_file(Trouble trouble) throws IOException {
    Path target = folder.resolve("x.tar.gz");
    spoilEach(
        List.of(trouble),
        user -> {
          Files.deleteIfExists(target);
          user.s3dock("pull", "my-app", TAG, "--to", target.toString()).ok();
          SameFiles.require(target, expected);
        });
  }

  @ParameterizedTest
  @EnumSource
  void to_a_layout(Trouble trouble) throws IOException {
    AtomicInteger number = new AtomicInteger();
    spoilEach(
        List.of(trouble),
        user -> {
          Path layout = folder.resolve("layout" + number.incrementAndGet());
          user.s3dock("pull", "my-app", TAG, "--to", layout + "/").ok();
          assertThat(ImageScanner.scan(ImageSource.of(layout)).imageId())
              .isEqualTo(new BuiltImage(SPEC).imageId());
        });
  }

  /** What may happen to any request in turns, and what happens to ranges alone. */
  static Stream<List<Trouble>> turns() {
    return ALL
        ? Stream.of(Trouble.values()).map(List::of)
        : Stream.of(
            Stream.of(Trouble.values()).filter(trouble -> trouble != Trouble.CHANGED).toList(),
            List.of(Trouble.CHANGED));
  }

  @Tag("engine")
  @ParameterizedTest
  @MethodSource("turns")
  void of_the_next_version_into_the_graph_driver(List<Trouble> troubles) throws IOException {
    intoEngine(troubles, Engines.docker20());
  }

  @Tag("engine")
  @ParameterizedTest
  @MethodSource("turns")
  void of_the_next_version_into_the_containerd_store(List<Trouble> troubles) throws IOException {
    intoEngine(troubles, Engines.docker26());
  }

  private void intoEngine(List<Trouble> troubles, TestEngine engine) throws IOException {
    user(SERVER.endpoint())
        .with(engine.environment())
        .s3dock("pull", "my-app", OLD.split(":")[1])
        .ok();
    spoilEach(
        troubles,
        user -> {
          engine.engine().removeTag(REF);
          String said = user.with(engine.environment()).s3dock("pull", "my-app", TAG).ok().out();
          assertThat(said).contains("reused");
          try (InputStream export = engine.engine().export(REF)) {
            ImageSource source = ImageSource.ofStream(export, REF).withReference(REF);
            assertThat(ImageScanner.scan(source).imageId())
                .isEqualTo(new BuiltImage(SPEC).imageId());
          }
        });
    List.of(REF, OLD).forEach(engine.engine()::removeTag);
  }

  /** The time is that of the program itself: 15 s without a byte. */
  @Test
  void a_range_that_stalls_is_given_up_and_goes_on_where_it_stopped() throws IOException {
    Path target = folder.resolve("x.tar.gz");
    try (FaultProxy proxy = FaultProxy.inFrontOf(SERVER.endpoint())) {
      proxy.spoil(1, FaultyPullTest::isRange, new Fault.Stall(1000));

      user(proxy.endpoint()).s3dock("pull", "my-app", TAG, "--to", target.toString()).ok();

      assertThat(proxy.requests().stream().filter(FaultyPullTest::isRange))
          .anyMatch(request -> start(request) % RANGE == 1000);
    }
    SameFiles.require(target, expected);
  }

  @Test
  void a_store_that_keeps_asking_to_slow_down_is_served_in_the_end() throws IOException {
    Path target = folder.resolve("x.tar.gz");
    try (FaultProxy proxy = FaultProxy.inFrontOf(SERVER.endpoint())) {
      proxy.spoil(6, FaultyPullTest::isRange, error(503, "SlowDown"));

      user(proxy.endpoint()).s3dock("pull", "my-app", TAG, "--to", target.toString()).ok();
    }
    SameFiles.require(target, expected);
  }
}
