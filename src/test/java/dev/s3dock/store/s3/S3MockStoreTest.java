package dev.s3dock.store.s3;

import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.testing.store.S3Server;
import dev.s3dock.testing.store.S3Servers;
import org.junit.jupiter.api.Test;

/** The contract on S3Mock. */
class S3MockStoreTest extends S3StoreContract {
  @Override
  S3Server server() {
    return S3Servers.s3Mock();
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
