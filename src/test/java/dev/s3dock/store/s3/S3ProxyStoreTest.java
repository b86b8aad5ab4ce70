package dev.s3dock.store.s3;

import static dev.s3dock.store.SmallObjectContract.assertFails;
import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.store.MultipartUpload;
import dev.s3dock.store.StoreException.Kind;
import dev.s3dock.testing.store.S3Server;
import dev.s3dock.testing.store.S3Servers;
import org.junit.jupiter.api.Test;

/** The contract on S3Proxy. */
class S3ProxyStoreTest extends S3StoreContract {
  @Override
  S3Server server() {
    return S3Servers.s3Proxy();
  }

  /** S3Proxy keeps the parts of an upload as objects of the bucket, beside ours. */
  @Override
  @Test
  public void nothing_is_visible_before_the_end_nor_after_an_abort() {
    try (MultipartUpload upload = store().startUpload(LARGE)) {
      upload.uploadPart(1, new byte[10], 0, 10);
      assertThat(store().head(LARGE)).isEmpty();
      assertThat(store().list("images/")).isEmpty();
    }
    assertThat(store().head(LARGE)).isEmpty();
    assertThat(store().list("images/")).isEmpty();
  }

  /** S3Proxy over a folder takes prefixes for paths. */
  @Override
  @Test
  public void a_prefix_of_dots_is_just_text() {
    assertFails(Kind.FAILED, () -> assertThat(store().list("..")).isEmpty());
  }

  /** S3Proxy does not know the request with a prefix. */
  @Override
  @Test
  public void unfinished_uploads_are_listed_and_can_be_aborted() {
    assertFails(Kind.UNSUPPORTED, () -> store().unfinishedUploads("images/my-app/").toList());
  }
}
