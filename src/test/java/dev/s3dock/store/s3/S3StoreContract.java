package dev.s3dock.store.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.s3dock.store.MultipartUpload;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.ObjectStore;
import dev.s3dock.store.ObjectStoreContract;
import dev.s3dock.store.StoreException;
import dev.s3dock.store.UnfinishedUpload;
import dev.s3dock.store.s3.access.Credentials;
import dev.s3dock.testing.store.S3Server;
import dev.s3dock.testing.store.S3Servers;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The contract on a server of {@link S3Servers}. */
abstract class S3StoreContract extends ObjectStoreContract {
  private static final S3ObjectStore.Tuning SMALL_PAGES =
      new S3ObjectStore.Tuning(S3Clients.Timeouts.DEFAULT, 20, S3Copy.LARGEST, S3Copy.PART);

  @TempDir Path cache;

  abstract S3Server server();

  @Override
  protected ObjectStore open() {
    S3Server server = server();
    return new S3ObjectStore(
        settings(server, server.endpoint(), S3Servers.newBucket(server), 2, cache), SMALL_PAGES);
  }

  /** These servers list slowly: ten pages are made of fewer objects here. */
  @Override
  public int manyObjects() {
    return 10 * SMALL_PAGES.pageSize() + 1;
  }

  /** S3Mock and S3Proxy sort as Java's strings do, unlike S3. */
  boolean sortsByUtf16() {
    return true;
  }

  @Override
  @Test
  public void keys_outside_of_the_basic_plane_come_last() {
    String beyond = "\uD83D\uDE00";
    String within = "\uFB00";
    write(beyond, "");
    write(within, "");

    assertThat(store().list("").map(stat -> stat.key().value()))
        .isEqualTo(sortsByUtf16() ? List.of(beyond, within) : List.of(within, beyond));
  }

  /** The key of an upload that is not finished. */
  ObjectKey unfinished() {
    return new ObjectKey("images/my-app/202507/a b.tar.gz");
  }

  @Test
  public void unfinished_uploads_are_listed_and_can_be_aborted() {
    ObjectKey key = unfinished();
    MultipartUpload upload = store().startUpload(key);
    upload.uploadPart(1, new byte[] {1}, 0, 1);
    store().startUpload(new ObjectKey("images/other/202507/c.tar.gz"));

    List<UnfinishedUpload> found = store().unfinishedUploads("images/my-app/").toList();
    assertThat(found).singleElement().satisfies(it -> assertThat(it.key()).isEqualTo(key));

    found.forEach(store()::abort);
    assertThat(store().unfinishedUploads("images/my-app/")).isEmpty();
    found.forEach(store()::abort);
    assertThatThrownBy(upload::complete).isInstanceOf(StoreException.class);
  }

  static S3Settings settings(
      S3Server server, URI endpoint, String bucket, int retries, Path cache) {
    return new S3Settings(
        bucket,
        Optional.of(endpoint),
        Optional.of(server.region()),
        Optional.of(new Credentials(server.accessKey(), server.secretKey(), Optional.empty())),
        retries,
        ConditionalWrites.REQUIRED,
        cache.resolve("probes"));
  }
}
