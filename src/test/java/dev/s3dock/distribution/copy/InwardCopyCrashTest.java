package dev.s3dock.distribution.copy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.distribution.client.Access;
import dev.s3dock.distribution.client.OciRepository;
import dev.s3dock.distribution.client.RegistryReference;
import dev.s3dock.distribution.client.Routes;
import dev.s3dock.distribution.server.ServedBucket;
import dev.s3dock.image.ImageReference;
import dev.s3dock.login.DockerLogins;
import dev.s3dock.registry.Images;
import dev.s3dock.registry.Published;
import dev.s3dock.store.ObjectStore;
import dev.s3dock.testing.engine.ImageSpec;
import dev.s3dock.testing.store.CrashingStore;
import dev.s3dock.testing.store.CrashingStore.Moment;
import dev.s3dock.testing.store.MemoryObjectStore;
import dev.s3dock.transfer.TransferProgress;
import dev.s3dock.transfer.push.PushingBucket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Copies of two platforms out of a registry, stopped dead before and after each call of the store
 * that they go to.
 */
class InwardCopyCrashTest {
  private static final ImageReference SOURCE = ServedBucket.FIRST;
  private static final ImageReference TARGET = ImageReference.parse("copied:20250721-2118-f7a5a27");

  @TempDir static Path folder;
  private static ServedBucket registry;
  private static RegistryReference name;

  @BeforeAll
  static void start() throws Exception {
    registry =
        new ServedBucket(folder)
            .with(SOURCE, ImageSpec.small())
            .with(SOURCE, ImageSpec.small().withPlatform("linux/arm64"))
            .serve();
    name =
        RegistryReference.parse(
            "127.0.0.1:%d/%s:%s".formatted(registry.port(), SOURCE.app(), SOURCE.tag()));
  }

  @AfterAll
  static void stop() throws Exception {
    registry.close();
  }

  private static void copyTo(ObjectStore store) throws Exception {
    PushingBucket bucket = new PushingBucket(store, folder);
    Access access =
        new Access(
            new DockerLogins(folder, Map.of()),
            false,
            0,
            Duration.ofMinutes(1),
            time -> {},
            new Routes(address -> Optional.empty(), folder));
    try (OciRepository from = OciRepository.reading(name, access)) {
      new InwardCopy(bucket.images(), bucket.pusher(), TransferProgress.NONE)
          .copy(from, name, TARGET, Optional.empty(), copied -> {});
    }
  }

  private static List<Published> published(MemoryObjectStore store) {
    Images images = new PushingBucket(store, folder).images();
    return images.find(TARGET).map(images::platforms).orElse(List.of());
  }

  @ParameterizedTest
  @EnumSource(Moment.class)
  void a_copy_can_be_made_again(Moment moment) throws Exception {
    int deaths =
        CrashingStore.atEachCall(
            moment,
            process -> {
              MemoryObjectStore store = new MemoryObjectStore();
              process.does(store, InwardCopyCrashTest::copyTo);
              requireWhole(store);

              copyTo(store);
              assertThat(published(store)).hasSize(2);
              requireWhole(store);
              assertThat(store.contents().keySet()).noneMatch(key -> key.startsWith("temporary/"));
              int objects = store.contents().size();
              copyTo(store);
              assertThat(store.contents()).as("nothing is left to do").hasSize(objects);
            });
    assertThat(deaths).isGreaterThan(10);
  }

  /** What is published has its archive, in the state that its metadata says. */
  private static void requireWhole(MemoryObjectStore store) throws Exception {
    for (Published image : published(store)) {
      assertThat(store.head(image.archive()))
          .get()
          .satisfies(
              archive -> {
                assertThat(archive.size()).isEqualTo(image.metadata().size());
                assertThat(image.metadata().index().orElseThrow().path("object_etag").asText())
                    .isEqualTo(archive.etag().value());
              });
    }
    if (!published(store).isEmpty()) {
      new PushingBucket(store, folder).verified(TARGET);
    }
  }
}
