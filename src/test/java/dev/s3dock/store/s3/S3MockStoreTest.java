package dev.s3dock.store.s3;

import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.store.ETag;
import dev.s3dock.store.Precondition;
import dev.s3dock.store.Reread;
import dev.s3dock.testing.store.S3Server;
import dev.s3dock.testing.store.S3Servers;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** The contract on S3Mock. */
class S3MockStoreTest extends S3StoreContract {
  @Override
  S3Server server() {
    return S3Servers.s3Mock();
  }

  /** The answer is 304, without a body. */
  @Test
  public void an_object_that_is_still_the_same_is_not_sent_again() {
    S3Server server = server();
    List<Integer> statuses = new CopyOnWriteArrayList<>();
    try (S3ObjectStore store =
        S3ObjectStore.open(
            settings(server, server.endpoint(), S3Servers.newBucket(server), 2, cache),
            request -> statuses.add(request.status()))) {
      ETag etag = store.put(LARGE, new byte[] {1}, Precondition.none());
      statuses.clear();
      assertThat(store.reread(LARGE, 1, etag)).isInstanceOf(Reread.Same.class);
    }
    assertThat(statuses).containsExactly(304);
  }

  /** S3Mock removes the object when an upload to its key is aborted. */
  @Override
  @Test
  public void an_abort_leaves_the_old_object() {
    write(LARGE.value(), "old");
    store().startUpload(LARGE).close();

    assertThat(store().head(LARGE)).isEmpty();
  }
}
