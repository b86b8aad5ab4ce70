package dev.s3dock.transfer.pull;

import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.archive.cache.ChunkCache;
import dev.s3dock.archive.source.ImageScanner;
import dev.s3dock.archive.source.ImageSource;
import dev.s3dock.distribution.loopback.JettyLoopback;
import dev.s3dock.engine.Engine;
import dev.s3dock.engine.EngineException;
import dev.s3dock.image.AppName;
import dev.s3dock.image.ImageReference;
import dev.s3dock.registry.Published;
import dev.s3dock.testing.Noise;
import dev.s3dock.testing.engine.BuiltImage;
import dev.s3dock.testing.engine.Engines;
import dev.s3dock.testing.engine.Engines.TestEngine;
import dev.s3dock.testing.engine.ImageSpec;
import dev.s3dock.testing.store.MemoryObjectStore;
import dev.s3dock.transfer.LegacyArchives;
import dev.s3dock.transfer.TransferProgress;
import dev.s3dock.transfer.loopback.LoopbackRegistry.Opened;
import dev.s3dock.transfer.loopback.PullEndpoint;
import dev.s3dock.transfer.push.Details;
import dev.s3dock.transfer.push.PushingBucket;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Real engines that pull from this machine, or cannot reach it. */
@Tag("engine")
class EnginePullIT {
  private static final ImageReference FIRST = ImageReference.parse("by-pull:20250720-1000-aaaaaaa");
  private static final ImageReference SECOND =
      ImageReference.parse("by-pull:20250721-2118-f7a5a27");

  private static final MemoryObjectStore PUBLISHED = new MemoryObjectStore();

  @TempDir Path folder;
  private final MemoryObjectStore store = new MemoryObjectStore();
  private final Details details = new Details();
  private final List<String> names = new CopyOnWriteArrayList<>();
  private PushingBucket bucket;

  /** Two layers that are worth it, as far as one of them is missing. */
  private static ImageSpec image(int top) {
    return ImageSpec.empty()
        .withFile("base", Noise.of(1, 18 << 20))
        .withFile("top", Noise.of(top, 17 << 20));
  }

  @BeforeAll
  static void publish(@TempDir Path spool) throws IOException {
    PushingBucket bucket = new PushingBucket(PUBLISHED, spool);
    bucket.push(FIRST, image(1));
    bucket.push(SECOND, image(2).withPlatform("linux/arm64"));
  }

  @BeforeEach
  void begin() {
    store.startFrom(PUBLISHED);
    bucket = new PushingBucket(store, folder);
  }

  private Published published(ImageReference reference) {
    return bucket.images().find(reference).orElseThrow();
  }

  private Puller puller() {
    LegacyArchives legacy = new LegacyArchives(store, folder, 0, TransferProgress.NONE);
    return new Puller(
        store, bucket.images(), legacy, 1, 2, ChunkCache.none(), details, Optional.of(this::open));
  }

  private Opened open(PullEndpoint.Image image) throws IOException {
    Opened opened = new JettyLoopback().open(image);
    names.add(opened.name());
    return opened;
  }

  private static Engine engine(String name) {
    TestEngine engine =
        switch (name) {
          case "20.10" -> Engines.reachable20();
          case "26.1" -> Engines.reachable26();
          case "20.10 elsewhere" -> Engines.docker20();
          case "26.1 elsewhere" -> Engines.docker26();
          default -> throw new IllegalArgumentException(name);
        };
    engine
        .engine()
        .images(new AppName("by-pull"))
        .forEach(image -> image.references().forEach(engine.engine()::removeTag));
    return engine.engine();
  }

  private void assertHolds(Engine engine, ImageReference reference, ImageSpec spec)
      throws IOException {
    String name = reference.toString();
    try (InputStream export = engine.export(name)) {
      var held = ImageScanner.scan(ImageSource.ofStream(export, name).withReference(name));
      assertThat(held.imageId()).isEqualTo(new BuiltImage(spec).imageId());
    }
    assertThat(engine.references()).noneMatch(it -> names.stream().anyMatch(it::startsWith));
  }

  @ParameterizedTest
  @ValueSource(strings = {"20.10", "26.1"})
  void an_engine_pulls_and_asks_for_no_layer_that_it_has_pulled(String version) throws IOException {
    Engine engine = engine(version);

    PullResult first = puller().pull(published(FIRST), engine);
    assertThat(first.skipped()).isFalse();
    assertHolds(engine, FIRST, image(1));

    PullResult second = puller().pull(published(SECOND), engine);
    assertThat(second.bytesSaved()).isGreaterThan(18 << 20);
    assertThat(second.bytesFetched()).isLessThan(18 << 20);
    assertHolds(engine, SECOND, image(2).withPlatform("linux/arm64"));
    assertThat(puller().pull(published(SECOND), engine).skipped()).isTrue();
    assertThat(details.told()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"20.10", "26.1"})
  void three_pulls_at_once_do_not_disturb_each_other(String version) throws Exception {
    Engine engine = engine(version);
    try (ExecutorService users = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<PullResult>> pulls = new ArrayList<>();
      for (ImageReference reference : List.of(FIRST, SECOND, FIRST)) {
        pulls.add(users.submit(() -> puller().pull(published(reference), engine)));
      }
      for (Future<PullResult> pull : pulls) {
        pull.get();
      }
    }
    assertHolds(engine, FIRST, image(1));
    assertHolds(engine, SECOND, image(2).withPlatform("linux/arm64"));
  }

  /** As a run does that is killed when the engine has pulled. */
  @ParameterizedTest
  @ValueSource(strings = {"20.10", "26.1"})
  void a_name_that_a_killed_run_has_left_is_removed_by_the_next(String version) throws IOException {
    Engine engine = engine(version);
    List<String> left = new ArrayList<>();
    puller().pull(published(FIRST), dying(engine, left));
    assertThat(left).anyMatch(it -> it.startsWith(names.getFirst() + "@sha256:"));

    assertThat(puller().pull(published(FIRST), engine).skipped()).isTrue();

    assertHolds(engine, FIRST, image(1));
  }

  /**
   * Does nothing after a pull but load.
   *
   * @param left gets the names that the engine has by then; later, any pull of another test that
   *     uses this engine may tidy up
   */
  private static Engine dying(Engine engine, List<String> left) {
    return (Engine)
        Proxy.newProxyInstance(
            Engine.class.getClassLoader(),
            new Class<?>[] {Engine.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("removeTag")) {
                return null;
              }
              if (method.getName().equals("tag")) {
                left.addAll(engine.references());
                throw new EngineException(EngineException.Kind.FAILED, "killed");
              }
              try {
                return method.invoke(engine, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  /** An engine in another network finds nobody at its own 127.0.0.1. */
  @ParameterizedTest
  @ValueSource(strings = {"20.10 elsewhere", "26.1 elsewhere"})
  void an_engine_that_cannot_reach_this_machine_loads(String version) throws IOException {
    Engine engine = engine(version);
    puller().pull(published(FIRST), engine);
    assertHolds(engine, FIRST, image(1));
    assertThat(details.told()).hasSize(1);
    assertThat(details.told().getFirst())
        .startsWith(FIRST + ": the engine does not pull it from here")
        .contains("refused")
        .endsWith("loading it");
  }
}
