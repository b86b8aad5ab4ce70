package dev.s3dock.transfer.push;

import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.distribution.loopback.JettyLoopback;
import dev.s3dock.image.Digest;
import dev.s3dock.image.ImageReference;
import dev.s3dock.testing.Noise;
import dev.s3dock.testing.engine.ImageSpec;
import dev.s3dock.testing.store.MemoryObjectStore;
import dev.s3dock.transfer.loopback.LoopbackRegistry;
import dev.s3dock.transfer.push.PushingEngine.Lie;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Pushes of an engine that hands out single layers, and of some that lie about them. */
class LayerExportTest {
  private static final ImageReference FIRST = ImageReference.parse("my-app:20250720-1000-aaaaaaa");
  private static final ImageReference SECOND = ImageReference.parse("my-app:20250721-2118-f7a5a27");
  private static final ImageReference THIRD = ImageReference.parse("my-app:20250722-2118-ccccccc");
  private static final byte[] BASE = base();

  private static final MemoryObjectStore PAST = new MemoryObjectStore();

  @TempDir Path folder;
  private final Details details = new Details();
  private PushingBucket bucket;

  /** As large as is worth it, and as random as a part of an upload must be. */
  private static byte[] base() {
    byte[] bytes = new byte[17 << 20];
    byte[] noise = Noise.of(1, 6 << 20);
    System.arraycopy(noise, 0, bytes, 0, noise.length);
    return bytes;
  }

  private static ImageSpec image(String top) {
    return ImageSpec.empty().withFile("base", BASE).withFile("top", top);
  }

  @BeforeAll
  static void pushFirst(@TempDir Path spool) throws IOException {
    new PushingBucket(PAST, spool).push(FIRST, image("one"));
  }

  @BeforeEach
  void startFromThere() {
    MemoryObjectStore store = new MemoryObjectStore();
    store.startFrom(PAST);
    bucket = new PushingBucket(store, folder);
  }

  private PushResult push(ImageReference reference, PushingEngine engine) throws IOException {
    return bucket
        .pusher(new JettyLoopback(), details)
        .push(reference, engine, reference.toString());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void only_the_missing_layer_is_taken(boolean containerd) throws IOException {
    PushingEngine engine = new PushingEngine(SECOND.toString(), image("two"), Lie.NONE, containerd);
    PushResult pushed = push(SECOND, engine);
    bucket.verified(SECOND);
    assertThat(engine.exports()).isZero();
    assertThat(engine.references()).isEmpty();
    assertThat(pushed.bytesSent()).isLessThan(100_000);
    assertThat(details.told()).containsExactly(SECOND + ": taking 1 of 2 layers from the engine");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void what_the_engine_calls_a_layer_is_remembered(boolean containerd) throws IOException {
    push(SECOND, new PushingEngine(SECOND.toString(), image("two"), Lie.NONE, containerd));
    PushingEngine engine =
        new PushingEngine(THIRD.toString(), image("three"), Lie.NONE, containerd);
    push(THIRD, engine);
    bucket.verified(THIRD);
    assertThat(engine.uploads()).as("of the top layer and the config").isEqualTo(2);
  }

  /** What this store calls an image is the digest of a manifest: it has shown its config. */
  @Test
  void an_image_that_came_by_blobs_is_known_the_next_time() throws IOException {
    PushingEngine engine = new PushingEngine(SECOND.toString(), image("two"), Lie.NONE, true);
    push(SECOND, engine);
    assertThat(push(SECOND, engine).event().skipped()).isTrue();
    assertThat(engine.exports()).isZero();
  }

  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {"NONE", "OTHER_MANIFEST"})
  void an_engine_that_lies_is_asked_for_everything(Lie lie) throws IOException {
    isSavedInTheEnd(new PushingEngine(SECOND.toString(), image("two"), lie));
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
  void one_with_the_containerd_store_as_well(Lie lie) throws IOException {
    isSavedInTheEnd(new PushingEngine(SECOND.toString(), image("two"), lie, true));
  }

  private void isSavedInTheEnd(PushingEngine engine) throws IOException {
    push(SECOND, engine);
    bucket.verified(SECOND);
    assertThat(engine.exports()).isEqualTo(1);
    assertThat(engine.references()).isEmpty();
    assertThat(details.told()).hasSize(2);
    assertThat(details.told().getLast()).endsWith("saving all");
  }

  @Test
  void where_nothing_can_listen_the_image_is_saved() throws IOException {
    PushingEngine engine = new PushingEngine(SECOND.toString(), image("two"), Lie.NONE);
    LoopbackRegistry deaf =
        receiver -> {
          throw new IOException("cannot listen");
        };
    bucket.pusher(deaf, details).push(SECOND, engine, SECOND.toString());
    bucket.verified(SECOND);
    assertThat(engine.exports()).isEqualTo(1);
    assertThat(details.told().getLast()).contains("cannot listen");
  }

  /** Nobody else may send something, or learn what is there. */
  @ParameterizedTest
  @CsvSource({
    "POST, /v2/my-app/blobs/uploads/",
    "POST, /v2/s3dock-push-0123456789abcdef0123456789abcdef/my-app/blobs/uploads/",
    "PATCH, /v2/my-app/blobs/uploads/1",
    "PUT, /v2/my-app/blobs/uploads/1",
    "GET, /v2/my-app/manifests/1",
    "PUT, /v2/my-app/manifests/1",
    "GET, /",
    "HEAD, /v2/my-app/blobs/sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
  })
  void a_request_without_the_secret_path_is_not_found(String method, String path) throws Exception {
    try (LoopbackRegistry.Opened opened = new JettyLoopback().open(new Nobody());
        HttpClient http = HttpClient.newHttpClient()) {
      URI at = URI.create("http://" + opened.name().replaceFirst("/.*", "") + path);
      HttpRequest request =
          HttpRequest.newBuilder(at)
              .method(method, BodyPublishers.ofByteArray(new byte[] {'{'}))
              .build();
      assertThat(http.send(request, BodyHandlers.discarding()).statusCode()).isEqualTo(404);
    }
  }

  private static final class Nobody implements LoopbackRegistry.Receiver {
    @Override
    public boolean has(Digest digest) {
      throw new AssertionError(digest);
    }

    @Override
    public LoopbackRegistry.Taken take(InputStream blob) {
      throw new AssertionError("something was sent");
    }

    @Override
    public void takeManifest(byte[] manifest) {
      throw new AssertionError("something was sent");
    }
  }
}
