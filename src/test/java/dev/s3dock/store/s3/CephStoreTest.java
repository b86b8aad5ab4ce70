package dev.s3dock.store.s3;

import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.store.ETag;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.Precondition;
import dev.s3dock.testing.FaultProxy;
import dev.s3dock.testing.store.Ceph;
import dev.s3dock.testing.store.S3Server;
import dev.s3dock.testing.store.S3Servers;
import java.io.IOException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.s3.S3Client;

/** The contract on Ceph, whose gateway is a server that people run for themselves. */
@Tag("ceph")
class CephStoreTest extends S3StoreContract {
  @Override
  S3Server server() {
    return Ceph.server();
  }

  /** Lists of uploads have blanks as %20 and do not say so; there are none in keys of archives. */
  @Override
  ObjectKey unfinished() {
    return new ObjectKey("images/my-app/202507/a-b.tar.gz");
  }

  /**
   * Most losers of a race are told 500 first, and 412 at the next try; a client of the SDK makes a
   * hundred such tries.
   */
  @Override
  public int rounds() {
    return 5;
  }

  @Override
  boolean sortsByUtf16() {
    return false;
  }

  /** What was found out about the store is remembered, for the next process too. */
  @Test
  void it_is_tried_once() throws IOException {
    ObjectKey key = new ObjectKey("pointers/a.json");
    String bucket = S3Servers.newBucket(server());
    try (FaultProxy proxy = FaultProxy.inFrontOf(server().endpoint())) {
      S3Settings settings = settings(server(), proxy.endpoint(), bucket, 0, cache);
      writeTwice(settings, key);
      long trials = trials(proxy);
      writeTwice(settings, key);

      assertThat(trials).isPositive();
      assertThat(trials(proxy)).isEqualTo(trials);
    }
    try (S3Client client = S3Servers.client(server())) {
      assertThat(client.listObjectsV2(request -> request.bucket(bucket)).contents())
          .singleElement()
          .satisfies(object -> assertThat(object.key()).isEqualTo(key.value()));
      assertThat(client.listMultipartUploads(request -> request.bucket(bucket)).uploads())
          .isEmpty();
    }
  }

  private static void writeTwice(S3Settings settings, ObjectKey key) {
    try (S3ObjectStore store = S3ObjectStore.open(settings)) {
      ETag first = store.put(key, new byte[] {1}, Precondition.none());
      ETag second = store.put(key, new byte[] {2}, Precondition.ifMatch(first));
      assertThat(second).isNotEqualTo(first);
      assertThat(store.leavesPartsOut()).isFalse();
    }
  }

  private static long trials(FaultProxy proxy) {
    return proxy.requests().stream()
        .filter(request -> request.target().contains("/" + S3ObjectStore.PROBES))
        .count();
  }
}
