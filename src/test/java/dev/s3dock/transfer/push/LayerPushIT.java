package dev.s3dock.transfer.push;

import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.distribution.loopback.JettyLoopback;
import dev.s3dock.engine.Engine;
import dev.s3dock.image.ImageReference;
import dev.s3dock.testing.Noise;
import dev.s3dock.testing.engine.Engines;
import dev.s3dock.testing.engine.ImageSpec;
import dev.s3dock.testing.store.MemoryObjectStore;
import dev.s3dock.transfer.loopback.LoopbackRegistry;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pushes of real engines that hand out single layers, or cannot reach this machine. */
@Tag("engine")
class LayerPushIT {
  private static final ImageReference FIRST =
      ImageReference.parse("by-layer:20250720-1000-aaaaaaa");
  private static final ImageReference SECOND =
      ImageReference.parse("by-layer:20250721-2118-f7a5a27");
  private static final ImageReference THIRD =
      ImageReference.parse("by-layer:20250722-2118-ccccccc");

  @TempDir Path folder;
  private final Details details = new Details();

  private static ImageSpec image(String top) {
    byte[] base = Noise.of(1, 17 << 20);
    return ImageSpec.empty().withFile("base", base).withFile("middle", "same").withFile("top", top);
  }

  private static void load(Engine engine, ImageReference reference, String top) {
    engine.load(new ByteArrayInputStream(PushingBucket.saved(image(top), reference)));
  }

  private PushResult push(PushingBucket bucket, Engine engine, ImageReference reference)
      throws IOException {
    return bucket
        .pusher(new JettyLoopback(), details)
        .push(reference, engine, reference.toString());
  }

  private void pushFirst(PushingBucket bucket, Engine engine) throws IOException {
    load(engine, FIRST, "one");
    push(bucket, engine, FIRST);
    assertThat(details.told()).noneMatch(text -> text.contains("from the engine"));
  }

  /** Of its own images: other tests may push from the same engine at this moment. */
  private static void assertNoTemporaryNames(Engine engine) {
    assertThat(engine.references())
        .filteredOn(name -> name.contains("/by-layer:"))
        .noneMatch(name -> name.contains("/" + LoopbackRegistry.PREFIX));
  }

  @Test
  void a_new_top_layer_is_all_that_leaves_the_engine() throws IOException {
    PushingBucket bucket = new PushingBucket(new MemoryObjectStore(), folder);
    Engine docker = Engines.reachable20().engine();
    pushFirst(bucket, docker);
    for (ImageReference reference : new ImageReference[] {SECOND, THIRD}) {
      load(docker, reference, "top of " + reference);
      PushResult pushed = push(bucket, docker, reference);
      bucket.verified(reference);
      assertThat(pushed.bytesSent()).isLessThan(100_000);
      assertNoTemporaryNames(docker);
    }
    assertThat(details.told())
        .containsExactly(
            SECOND + ": taking 1 of 3 layers from the engine",
            THIRD + ": taking 1 of 3 layers from the engine");
  }

  /** It calls a layer that was loaded uncompressed by its diff_id. */
  @Test
  void a_new_top_layer_is_all_that_leaves_a_containerd_store() throws IOException {
    PushingBucket bucket = new PushingBucket(new MemoryObjectStore(), folder);
    Engine docker = Engines.reachable26().engine();
    pushFirst(bucket, docker);
    load(docker, SECOND, "containerd");
    PushResult pushed = push(bucket, docker, SECOND);
    bucket.verified(SECOND);
    assertThat(pushed.bytesSent()).isLessThan(100_000);
    assertThat(details.told()).containsExactly(SECOND + ": taking 1 of 3 layers from the engine");
    assertThat(docker.references()).noneMatch(name -> name.contains("/" + LoopbackRegistry.PREFIX));
    assertThat(push(bucket, docker, SECOND).event().skipped()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"20.10", "26.1"})
  void two_pushes_at_once_do_not_disturb_each_other(String version) throws Exception {
    PushingBucket bucket = new PushingBucket(new MemoryObjectStore(), folder);
    Engine docker =
        (version.equals("26.1") ? Engines.reachable26() : Engines.reachable20()).engine();
    pushFirst(bucket, docker);
    load(docker, SECOND, "second at once");
    load(docker, THIRD, "third at once");
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<PushResult> second = threads.submit(() -> push(bucket, docker, SECOND));
      Future<PushResult> third = threads.submit(() -> push(bucket, docker, THIRD));
      assertThat(second.get().bytesSent()).isLessThan(100_000);
      assertThat(third.get().bytesSent()).isLessThan(100_000);
    }
    bucket.verified(SECOND);
    bucket.verified(THIRD);
    assertThat(details.told())
        .containsExactlyInAnyOrder(
            SECOND + ": taking 1 of 3 layers from the engine",
            THIRD + ": taking 1 of 3 layers from the engine");
    assertNoTemporaryNames(docker);
  }

  /** An engine in another network finds nobody at its own 127.0.0.1. */
  @Test
  void an_engine_that_cannot_reach_this_machine_saves_the_image() throws IOException {
    PushingBucket bucket = new PushingBucket(new MemoryObjectStore(), folder);
    Engine docker = Engines.docker20().engine();
    pushFirst(bucket, docker);
    load(docker, SECOND, "two");
    push(bucket, docker, SECOND);
    bucket.verified(SECOND);
    assertNoTemporaryNames(docker);
    assertThat(details.told().getLast()).contains("refused").endsWith("saving all");
  }
}
