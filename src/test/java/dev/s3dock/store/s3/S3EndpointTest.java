package dev.s3dock.store.s3;

import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.ObjectStore;
import dev.s3dock.store.ObjectStoreContract;
import dev.s3dock.store.s3.access.Credentials;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;

/**
 * The contract on the store that {@code S3DOCK_TEST_ENDPOINT} names; see docs/stores.md. The bucket
 * must be empty when the class begins, so that nothing is lost that others have put there; after
 * that each test removes what the one before has left.
 */
@EnabledIfEnvironmentVariable(named = "S3DOCK_TEST_ENDPOINT", matches = ".+")
class S3EndpointTest extends ObjectStoreContract {
  private static final int MOST_LEFT_OVER = 20_000;
  private static final AtomicBoolean FOUND_EMPTY = new AtomicBoolean();

  @TempDir Path cache;

  @Override
  protected ObjectStore open() {
    S3ObjectStore store =
        S3ObjectStore.open(
            new S3Settings(
                variable("BUCKET").orElse("s3dock-test"),
                variable("ENDPOINT").map(URI::create),
                variable("REGION"),
                variable("ACCESS_KEY")
                    .map(
                        key ->
                            new Credentials(
                                key, variable("SECRET_KEY").orElse(""), Optional.empty())),
                3,
                ConditionalWrites.REQUIRED,
                cache.resolve("probes")));
    List<ObjectKey> old =
        store.list("").map(stat -> stat.key()).limit(MOST_LEFT_OVER + 1L).toList();
    if (!FOUND_EMPTY.get()) {
      assertThat(old)
          .as("objects in the bucket, which must be empty: nothing was removed")
          .isEmpty();
      FOUND_EMPTY.set(true);
    }
    assertThat(old).as("left over in the bucket").hasSizeLessThanOrEqualTo(MOST_LEFT_OVER);
    old.parallelStream().forEach(store::delete);
    return store;
  }

  private static Optional<String> variable(String name) {
    return Optional.ofNullable(System.getenv("S3DOCK_TEST_" + name));
  }
}
