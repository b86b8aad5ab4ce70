package dev.s3dock.transfer.push;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.s3dock.image.ImageReference;
import dev.s3dock.registry.ArchiveForm;
import dev.s3dock.registry.BucketLayout;
import dev.s3dock.registry.ImageKey;
import dev.s3dock.store.ETag;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.ObjectStore;
import dev.s3dock.store.Precondition;
import dev.s3dock.store.StoreException;
import dev.s3dock.store.file.FileObjectStore;
import dev.s3dock.store.s3.ConditionalWrites;
import dev.s3dock.store.s3.S3ObjectStore;
import dev.s3dock.store.s3.S3Settings;
import dev.s3dock.store.s3.access.Credentials;
import dev.s3dock.testing.FaultProxy;
import dev.s3dock.testing.FaultProxy.Fault;
import dev.s3dock.testing.Noise;
import dev.s3dock.testing.engine.ImageSpec;
import dev.s3dock.testing.store.Ceph;
import dev.s3dock.testing.store.MemoryObjectStore;
import dev.s3dock.testing.store.MemoryObjectStore.Operation;
import dev.s3dock.testing.store.S3Server;
import dev.s3dock.testing.store.S3Servers;
import dev.s3dock.transfer.SavedEngine;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Composed pushes on every kind of store, and when something goes wrong on the way. */
@Order(1)
class ComposedPushFaultsTest {
  private static final ImageReference FIRST = ImageReference.parse("my-app:20250720-1000-aaaaaaa");
  private static final ImageReference SECOND = ImageReference.parse("my-app:20250721-2118-f7a5a27");
  private static final ImageReference OTHER =
      ImageReference.parse("other-app:20250722-1000-abcdef0");
  private static final int MIB = 1 << 20;

  @TempDir Path folder;

  private static final boolean ALL = Boolean.getBoolean("s3dock.all");
  private static final MemoryObjectStore AFTER_FIRST = new MemoryObjectStore();
  private static final byte[] BASE = Noise.of(1, 11 * MIB / 2);
  private static final byte[] APP = Noise.of(2, 12 * MIB);

  private static ImageSpec image(byte[] app) {
    return ImageSpec.empty().withFile("base", BASE).withFile("app", app);
  }

  private static ImageSpec before() {
    return image(APP);
  }

  /** A change in the middle of the upper layer: one join, and copies on both sides of it. */
  private static ImageSpec after(int seed) {
    byte[] app = APP.clone();
    System.arraycopy(Noise.of(seed, 100), 0, app, 6 * MIB, 100);
    return image(app);
  }

  /** With a cache, as users have it: what was compressed for the push before is not again. */
  private static PushResult push(PushingBucket bucket, ImageReference reference, ImageSpec image)
      throws IOException {
    return bucket
        .pusher(false, 64L * MIB)
        .push(
            reference,
            new SavedEngine(reference.toString(), PushingBucket.saved(image, reference)),
            reference.toString());
  }

  @BeforeAll
  static void pushFirst(@TempDir Path spool) throws IOException {
    new PushingBucket(AFTER_FIRST, spool).push(FIRST, before());
  }

  private static MemoryObjectStore afterFirst() {
    MemoryObjectStore store = new MemoryObjectStore();
    store.startFrom(AFTER_FIRST);
    return store;
  }

  private ObjectStore open(S3Server server, URI endpoint, String bucket) {
    return S3ObjectStore.open(
        new S3Settings(
            bucket,
            Optional.of(endpoint),
            Optional.of(server.region()),
            Optional.of(new Credentials(server.accessKey(), server.secretKey(), Optional.empty())),
            3,
            ConditionalWrites.REQUIRED,
            folder.resolve("probes")));
  }

  static Stream<S3Server> servers() {
    return Stream.of(S3Servers.s3Mock(), S3Servers.s3Proxy());
  }

  private void requireComposed(ObjectStore store) throws IOException {
    PushingBucket bucket = new PushingBucket(store, folder);
    bucket.push(FIRST, before());

    PushResult second = bucket.push(SECOND, after(3));

    bucket.verified(SECOND);
    assertThat(second.bytesSent()).isLessThan(5 * MIB);
    PushResult other = bucket.push(OTHER, image(Noise.of(4, 100)));
    bucket.verified(OTHER);
    assertThat(other.bytesSent()).as("of an app on the same base").isLessThan(MIB / 2);
    assertThat(bucket.temporaryObjects()).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("servers")
  void an_archive_is_composed_on_a_server(S3Server server) throws IOException {
    try (ObjectStore store = open(server, server.endpoint(), S3Servers.newBucket(server))) {
      requireComposed(store);
    }
  }

  @Test
  @Tag("ceph")
  void an_archive_is_composed_on_ceph() throws IOException {
    an_archive_is_composed_on_a_server(Ceph.server());
  }

  @Test
  void an_archive_is_composed_in_a_folder() throws IOException {
    try (ObjectStore store = FileObjectStore.open(folder.resolve("store"))) {
      requireComposed(store);
    }
  }

  /** What may happen to a request. */
  enum Mishap {
    LOST_ANSWER,
    RESET,
    ERROR,
    SLOW_DOWN,
    TRUNCATED;

    Fault fault() {
      return switch (this) {
        case LOST_ANSWER -> new Fault.LoseAnswer();
        case RESET -> new Fault.Disconnect();
        case ERROR -> answer(500, "InternalError");
        case SLOW_DOWN -> answer(503, "SlowDown");
        case TRUNCATED -> new Fault.Truncate(20);
      };
    }
  }

  private static Fault answer(int status, String code) {
    return new Fault.Answer(
        status, Map.of(), "<Error><Code>" + code + "</Code><Message>test</Message></Error>");
  }

  /** The kinds take turns. Each request meets all of them in as many rounds. */
  static IntStream rounds() {
    return IntStream.range(0, ALL ? Mishap.values().length : 1);
  }

  /** {@code ./check} spoils every twelfth request. */
  private static final int STEP = ALL ? 1 : 12;

  @ParameterizedTest
  @MethodSource("rounds")
  void any_request_may_fail_once(int round) throws IOException {
    S3Server server = S3Servers.s3Mock();
    String name = S3Servers.newBucket(server);
    try (FaultProxy proxy = FaultProxy.inFrontOf(server.endpoint());
        ObjectStore store = open(server, proxy.endpoint(), name)) {
      PushingBucket bucket = new PushingBucket(store, folder);
      push(bucket, FIRST, before());
      push(bucket, SECOND, after(3));
      int start = proxy.requests().size();
      push(bucket, reference(0), after(4));
      int requests = proxy.requests().size() - start;
      assertThat(requests).isGreaterThan(12);

      for (int i = 0; i < requests; i += STEP) {
        Mishap mishap = Mishap.values()[(i + round) % Mishap.values().length];
        AtomicInteger left = new AtomicInteger(i);
        proxy.spoil(1, request -> left.getAndDecrement() == 0, mishap.fault());

        PushResult pushed = push(bucket, reference(1 + i), after(5 + i));

        bucket.verified(reference(1 + i));
        assertThat(left).as("request %d met %s", i, mishap).hasValueLessThan(0);
        assertThat(pushed.bytesSent()).isLessThan(5 * MIB);
        assertThat(bucket.temporaryObjects()).isEmpty();
      }
    }
  }

  private static ImageReference reference(int number) {
    return ImageReference.parse("my-app:20250722-0900-%07x".formatted(number));
  }

  @Test
  void after_a_stop_at_any_request_the_next_push_is_whole() throws IOException {
    MemoryObjectStore first = new MemoryObjectStore();
    push(new PushingBucket(first, folder), FIRST, before()); // and its chunks are in the cache
    for (int failing = 1; ; failing += STEP) {
      MemoryObjectStore store = new MemoryObjectStore();
      store.startFrom(first);
      PushingBucket bucket = new PushingBucket(store, folder);
      AtomicInteger left = new AtomicInteger(failing);
      store.before(
          (operation, key) -> {
            if (left.decrementAndGet() <= 0) { // from here on everything fails
              throw new StoreException(StoreException.Kind.UNAVAILABLE, "stopped");
            }
          });
      boolean done = pushed(bucket);
      store.before((operation, key) -> {});

      if (bucket.images().find(SECOND).isPresent()) {
        bucket.verified(SECOND);
      }
      PushingBucket tomorrow =
          new PushingBucket(store, folder, Clock.offset(bucket.clock(), Duration.ofDays(2)));
      if (push(tomorrow, SECOND, after(3)).event().skipped()) {
        push(tomorrow, reference(1), after(4)); // one that sends something also sweeps
      }
      tomorrow.verified(SECOND);
      assertThat(bucket.temporaryObjects()).as("stopped at request " + failing).isEmpty();
      if (done) {
        assertThat(failing).isGreaterThan(15);
        return;
      }
    }
  }

  private static boolean pushed(PushingBucket bucket) throws IOException {
    try {
      push(bucket, SECOND, after(3));
      return true;
    } catch (StoreException e) {
      assertThat(e).hasMessageEndingWith("stopped");
      return false;
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"UNSUPPORTED", "ACCESS_DENIED", "FAILED"})
  void a_store_that_does_not_copy_parts_gets_everything(StoreException.Kind kind)
      throws IOException {
    MemoryObjectStore store = afterFirst();
    PushingBucket bucket = new PushingBucket(store, folder);
    store.before(
        (operation, key) -> {
          if (operation == Operation.COPY_PART) {
            throw new StoreException(kind, "no copies");
          }
        });

    PushResult second = bucket.push(SECOND, after(3));

    bucket.verified(SECOND);
    assertThat(second.bytesSent()).isEqualTo(second.event().size());
    assertThat(bucket.temporaryObjects()).isEmpty();
  }

  @Test
  void a_base_that_is_replaced_meanwhile_is_not_used() throws IOException {
    MemoryObjectStore store = afterFirst();
    PushingBucket bucket = new PushingBucket(store, folder);
    ObjectKey base = BucketLayout.image(FIRST).archive(ArchiveForm.GZIP);
    AtomicInteger copies = new AtomicInteger();
    store.before(
        (operation, key) -> {
          if (operation == Operation.COPY_PART && copies.incrementAndGet() == 3) {
            store.put(base, new byte[30 * MIB], Precondition.none());
          }
        });
    SavedEngine engine = new SavedEngine(SECOND.toString(), PushingBucket.saved(after(3), SECOND));

    PushResult second = bucket.push(SECOND, engine);

    bucket.verified(SECOND);
    assertThat(engine.exports()).isEqualTo(2);
    assertThat(second.bytesReused()).isZero();
  }

  /** Ceph copies from whatever is there. */
  @Test
  @Tag("ceph")
  void a_base_that_is_replaced_meanwhile_is_not_used_where_the_store_does_not_look()
      throws IOException {
    S3Server ceph = Ceph.server();
    String name = S3Servers.newBucket(ceph);
    try (FaultProxy proxy = FaultProxy.inFrontOf(ceph.endpoint());
        ObjectStore store = open(ceph, proxy.endpoint(), name);
        ObjectStore other = open(ceph, ceph.endpoint(), name)) {
      PushingBucket bucket = new PushingBucket(store, folder);
      bucket.push(FIRST, before());
      String base = BucketLayout.image(FIRST).archive(ArchiveForm.GZIP).value();
      AtomicInteger copies = new AtomicInteger();
      proxy.spoil(
          1,
          request -> {
            if (request.headers().getOrDefault("x-amz-copy-source", "").endsWith(base)
                && copies.incrementAndGet() == 2) {
              other.put(new ObjectKey(base), new byte[30 * MIB], Precondition.none());
            }
            return false;
          },
          new Fault.Disconnect());

      PushResult second = bucket.push(SECOND, after(3));

      assertThat(copies).hasValueGreaterThan(1);
      bucket.verified(SECOND);
      assertThat(second.bytesReused()).isZero();
    }
  }

  @Test
  void a_base_that_is_gone_meanwhile_is_not_used() throws IOException {
    MemoryObjectStore store = afterFirst();
    PushingBucket bucket = new PushingBucket(store, folder);
    store.before(
        (operation, key) -> {
          if (operation == Operation.START_UPLOAD) {
            store.delete(BucketLayout.image(FIRST).archive(ArchiveForm.GZIP));
          }
        });

    PushResult second = bucket.push(SECOND, after(3));

    bucket.verified(SECOND);
    assertThat(second.bytesReused()).isZero();
  }

  @Test
  void bytes_that_are_not_what_the_index_of_the_base_says_are_not_taken() throws IOException {
    MemoryObjectStore store = afterFirst();
    PushingBucket bucket = new PushingBucket(store, folder);
    damage(store, bucket.verified(FIRST));

    PushResult second = bucket.push(SECOND, after(3));

    bucket.verified(SECOND);
    assertThat(second.bytesReused()).isZero();
  }

  /** Another byte far behind the change, and metadata that knows nothing of it. */
  private static void damage(MemoryObjectStore store, byte[] archive) throws IOException {
    ImageKey key = BucketLayout.image(FIRST);
    archive[archive.length - 2 * MIB] ^= 1;
    ETag damaged = store.put(key.archive(ArchiveForm.GZIP), archive, Precondition.none());
    ObjectMapper json = new ObjectMapper();
    ObjectNode metadata =
        (ObjectNode) json.readTree(store.get(key.metadata(), MIB).orElseThrow().content());
    ((ObjectNode) metadata.get("archive")).put("object_etag", damaged.value());
    store.put(key.metadata(), json.writeValueAsBytes(metadata), Precondition.none());
  }

  @Test
  void a_forced_push_takes_nothing_from_others() throws IOException {
    MemoryObjectStore store = afterFirst();
    PushingBucket bucket = new PushingBucket(store, folder);
    store.before(
        (operation, key) -> {
          if (operation == Operation.COPY_PART) {
            throw new AssertionError("copied from " + key);
          }
        });

    bucket
        .pusher(true)
        .push(
            FIRST,
            new SavedEngine(FIRST.toString(), PushingBucket.saved(before(), FIRST)),
            FIRST.toString());

    bucket.verified(FIRST);
    assertThatThrownBy(() -> bucket.push(SECOND, after(3))).isInstanceOf(AssertionError.class);
  }
}
