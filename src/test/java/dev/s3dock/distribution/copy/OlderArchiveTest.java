package dev.s3dock.distribution.copy;

import static dev.s3dock.distribution.server.ServedBucket.FIRST;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.s3dock.archive.ArchiveIndex;
import dev.s3dock.archive.CorruptArchiveException;
import dev.s3dock.archive.Descriptor;
import dev.s3dock.distribution.client.Access;
import dev.s3dock.distribution.client.OciRepository;
import dev.s3dock.distribution.client.RegistryReference;
import dev.s3dock.distribution.client.Routes;
import dev.s3dock.distribution.server.ServedBucket;
import dev.s3dock.image.Digest;
import dev.s3dock.login.DockerLogins;
import dev.s3dock.registry.Images;
import dev.s3dock.registry.Published;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.ObjectStore;
import dev.s3dock.store.Precondition;
import dev.s3dock.store.StoreException;
import dev.s3dock.testing.FaultProxy;
import dev.s3dock.testing.FaultProxy.Fault;
import dev.s3dock.testing.engine.ImageSpec;
import dev.s3dock.testing.store.CrashingStore;
import dev.s3dock.testing.store.CrashingStore.Moment;
import dev.s3dock.testing.store.MemoryObjectStore;
import dev.s3dock.testing.store.MemoryObjectStore.Operation;
import dev.s3dock.transfer.PublishedIndex;
import dev.s3dock.transfer.TransferProgress;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * An archive that does not tell the digests of its layers is read for them once: what a copy finds
 * is kept in the metadata, and served from then on.
 */
class OlderArchiveTest {
  @TempDir Path folder;
  private ServedBucket bucket;
  private ArchiveIndex pushed;
  private FaultProxy registry;

  @BeforeEach
  void publish() throws IOException {
    bucket = new ServedBucket(folder).with(FIRST, ImageSpec.small().withFile("more", "more"));
    pushed = bucket.index(FIRST);
    bucket.older(FIRST).serve();
    for (String key : bucket.store.contents().keySet()) {
      if (key.startsWith("manifests/")) {
        bucket.store.delete(new ObjectKey(key));
      }
    }
    registry = FaultProxy.alone();
    registry.spoil(
        Integer.MAX_VALUE,
        request -> true, // it has the image already
        new Fault.Answer(200, Map.of("Docker-Content-Digest", manifest().digest().toString()), ""));
  }

  @AfterEach
  void stop() throws IOException {
    bucket.store.before((operation, key) -> {});
    registry.close();
    bucket.close();
  }

  private Descriptor manifest() {
    return pushed.manifest().orElseThrow();
  }

  private void copy() throws IOException {
    copy(bucket.store);
  }

  private void copy(ObjectStore store) throws IOException {
    Images images = images(store);
    Access access =
        new Access(
            new DockerLogins(folder, Map.of()),
            false,
            0,
            Duration.ofMinutes(1),
            time -> {},
            new Routes(address -> Optional.empty(), folder));
    RegistryReference name =
        RegistryReference.parse("127.0.0.1:%d/copied".formatted(registry.endpoint().getPort()));
    try (OciRepository to = OciRepository.writing(name, access)) {
      OutwardResult copied =
          new OutwardCopy(store, images, 0, 1, TransferProgress.NONE)
              .copy(List.of(images.require(FIRST)), to, "v1");
      assertThat(copied.digest()).isEqualTo(manifest().digest());
    }
  }

  private Digest served() throws IOException {
    return Digest.of(bucket.get("/v2/my-app/manifests/" + FIRST.tag()).body());
  }

  @Test
  void what_a_copy_has_found_is_served_and_not_looked_for_again() throws IOException {
    assertThat(served()).isNotEqualTo(manifest().digest());
    copy();
    assertThat(bucket.index(FIRST)).isEqualTo(pushed);
    assertThat(served()).isEqualTo(manifest().digest());
    assertThat(bucket.images().find(FIRST.app(), manifest().digest())).isPresent();

    AtomicInteger more = new AtomicInteger();
    bucket.store.before(
        (operation, key) -> {
          if (operation == Operation.READ || operation == Operation.PUT) {
            more.incrementAndGet();
          }
        });
    copy();
    assertThat(more.get()).isZero();
  }

  @ParameterizedTest
  @EnumSource(Moment.class)
  void a_copy_that_dies_leaves_the_image_as_it_was_or_as_it_would_be_pushed_now(Moment moment)
      throws Exception {
    ArchiveIndex older = bucket.index(FIRST);
    int deaths =
        CrashingStore.atEachCall(
            moment,
            process -> {
              MemoryObjectStore store = new MemoryObjectStore();
              store.startFrom(bucket.store);
              process.does(store, this::copy);
              assertThat(index(store)).isIn(older, pushed);

              copy(store);
              assertThat(index(store)).isEqualTo(pushed);
              assertThat(images(store).find(FIRST.app(), manifest().digest())).isPresent();
            });
    assertThat(deaths).isGreaterThan(5);
  }

  private static Images images(ObjectStore store) {
    return new Images(store, Clock.systemUTC());
  }

  private static ArchiveIndex index(ObjectStore store) {
    return PublishedIndex.of(images(store).require(FIRST)).orElseThrow();
  }

  @Test
  void who_only_reads_copies_all_the_same() throws IOException {
    Published before = bucket.published(FIRST);
    bucket.store.before(
        (operation, key) -> {
          if (operation == Operation.PUT) {
            throw new StoreException(StoreException.Kind.ACCESS_DENIED, "may not write " + key);
          }
        });
    copy();
    assertThat(bucket.published(FIRST).state()).isEqualTo(before.state());
  }

  @Test
  void an_image_that_is_published_anew_meanwhile_stays_as_it_is() throws IOException {
    ObjectKey metadata = bucket.published(FIRST).key().metadata();
    byte[] other = bucket.store.get(metadata, 1 << 20).orElseThrow().content();
    bucket.store.before(
        (operation, key) -> {
          if (operation == Operation.PUT && key.equals(metadata.value())) {
            bucket.store.before((o, k) -> {});
            bucket.store.put(metadata, other, Precondition.none());
          }
        });
    copy();
    assertThat(bucket.store.get(metadata, 1 << 20).orElseThrow().content()).isEqualTo(other);
  }

  @Test
  void a_damaged_archive_is_found_out_and_nothing_is_kept() {
    Published before = bucket.published(FIRST);
    byte[] archive = bucket.archive(FIRST);
    archive[(int) pushed.layers().getFirst().end() - 9] ^= 1;
    bucket.store.put(before.archive(), archive, Precondition.none());
    assertThatThrownBy(this::copy).isInstanceOf(CorruptArchiveException.class);
    assertThat(bucket.published(FIRST).state()).isEqualTo(before.state());
  }
}
