package dev.s3dock.transfer.pull;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.s3dock.archive.cache.ChunkCache;
import dev.s3dock.archive.source.ImageScanner;
import dev.s3dock.archive.source.ImageSource;
import dev.s3dock.engine.Engine;
import dev.s3dock.engine.EngineException;
import dev.s3dock.image.AppName;
import dev.s3dock.image.ImageReference;
import dev.s3dock.registry.Images;
import dev.s3dock.registry.Published;
import dev.s3dock.testing.Noise;
import dev.s3dock.testing.engine.BuiltImage;
import dev.s3dock.testing.engine.Engines;
import dev.s3dock.testing.engine.Engines.TestEngine;
import dev.s3dock.testing.engine.ImageSpec;
import dev.s3dock.testing.engine.TestImages;
import dev.s3dock.testing.store.MemoryObjectStore;
import dev.s3dock.transfer.LegacyArchives;
import dev.s3dock.transfer.TransferProgress;
import dev.s3dock.transfer.push.PushingBucket;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Clock;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What happens to the engine's images between the look at them and the load. */
@Tag("engine")
@ResourceLock("docker20")
@ResourceLock("docker26")
class EngineLoadTest {
  private static final ImageReference OLD = ImageReference.parse("loaded:20250720-1000-aaaaaaa");
  private static final ImageReference NEW = ImageReference.parse("loaded:20250721-1000-bbbbbbb");

  @TempDir Path folder;
  private final MemoryObjectStore store = new MemoryObjectStore();
  private final Images images = new Images(store, Clock.systemUTC());
  private final LegacyArchives legacy =
      new LegacyArchives(store, Path.of(""), 0, TransferProgress.NONE);
  private ImageSpec next = ImageSpec.empty();

  @BeforeEach
  void publish() throws IOException {
    byte[] base = Noise.of(11, 1 << 20);
    ImageSpec old = ImageSpec.empty().withFile("base", base);
    next = old.withFile("top", "next\n");
    push(OLD, old);
    push(NEW, next);
  }

  private void push(ImageReference reference, ImageSpec spec) throws IOException {
    Path file = TestImages.dockerSave(folder.resolve("image.tar"), spec, reference.toString());
    new PushingBucket(store, folder).pusher().push(reference, ImageSource.ofFile(file));
  }

  private Published published(ImageReference reference) {
    return images.find(reference).orElseThrow();
  }

  private Puller puller() {
    return new Puller(store, images, legacy, 1, 2, ChunkCache.none(), TransferProgress.NONE);
  }

  private static TestEngine engine(String version) {
    TestEngine engine = version.equals("26.1") ? Engines.docker26() : Engines.docker20();
    for (var image : engine.engine().images(new AppName("loaded"))) {
      image.references().forEach(engine.engine()::removeTag);
    }
    return engine;
  }

  /** The engine, with a step of the test before the first load. */
  private static Engine before(Engine engine, Runnable step) {
    boolean[] taken = {false};
    return (Engine)
        Proxy.newProxyInstance(
            Engine.class.getClassLoader(),
            new Class<?>[] {Engine.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("load") && !taken[0]) {
                taken[0] = true;
                step.run();
              }
              try {
                return method.invoke(engine, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  private void assertHolds(TestEngine engine) throws IOException {
    String reference = NEW.toString();
    try (InputStream export = engine.engine().export(reference)) {
      var image =
          ImageScanner.scan(ImageSource.ofStream(export, reference).withReference(reference));
      assertThat(image.imageId()).isEqualTo(new BuiltImage(next).imageId());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"20.10", "26.1"})
  void if_the_image_with_the_layers_goes_away_everything_is_sent(String version)
      throws IOException {
    TestEngine engine = engine(version);
    assertThat(puller().pull(published(OLD), engine.engine()).skipped()).isFalse();
    Engine vanishing = before(engine.engine(), () -> engine.engine().removeTag(OLD.toString()));

    PullResult pulled = puller().pull(published(NEW), vanishing);

    assertThat(pulled.bytesSaved()).isZero();
    assertThat(pulled.bytesFetched()).isGreaterThan(1 << 20);
    assertHolds(engine);
  }

  @ParameterizedTest
  @ValueSource(strings = {"20.10", "26.1"})
  void a_failure_that_is_no_refusal_is_not_tried_again(String version) throws IOException {
    TestEngine engine = engine(version);
    puller().pull(published(OLD), engine.engine());
    Engine full =
        before(
            engine.engine(),
            () -> {
              throw new EngineException(EngineException.Kind.NO_SPACE, "the disk is full");
            });

    assertThatExceptionOfType(EngineException.class)
        .isThrownBy(() -> puller().pull(published(NEW), full))
        .withMessage("the disk is full");
  }
}
