package dev.s3dock.distribution.server;

import static dev.s3dock.distribution.server.ServedBucket.FIRST;
import static dev.s3dock.distribution.server.ServedBucket.blob;
import static dev.s3dock.distribution.server.ServedBucket.code;
import static dev.s3dock.distribution.server.ServedBucket.header;
import static dev.s3dock.distribution.server.ServedBucket.manifest;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.s3dock.archive.LayerEntry;
import dev.s3dock.image.Digest;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.Precondition;
import dev.s3dock.store.StoreException;
import dev.s3dock.testing.Eventually;
import dev.s3dock.testing.store.MemoryObjectStore.Operation;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The store fails, or the archive changes, while a client pulls: right bytes or an error. */
class FaultsTest {
  @TempDir Path spool;
  private ServedBucket served;
  private Digest layer;

  @BeforeEach
  void publish() throws IOException {
    served = new ServedBucket(spool).with(FIRST, ServedBucket.large(1, 13 << 20)).serve();
    layer = served.index(FIRST).layers().getFirst().blob().orElseThrow();
    served.get(manifest(FIRST.tag()));
  }

  @AfterEach
  void stop() throws IOException {
    served.store.before((operation, key) -> {});
    served.close();
    try (Stream<Path> left = Files.list(spool)) {
      assertThat(left.filter(file -> file.toString().contains("s3dock-serve"))).isEmpty();
    }
  }

  private static StoreException away() {
    return new StoreException(StoreException.Kind.UNAVAILABLE, "the store does not answer");
  }

  private void failing(Operation failing) {
    served.store.before(
        (operation, key) -> {
          if (operation == failing) {
            throw away();
          }
        });
  }

  @Test
  void a_store_that_is_away_is_503_and_the_client_may_come_again() throws IOException {
    for (String path : new String[] {manifest(FIRST.tag()), "/v2/my-app/tags/list"}) {
      failing(Operation.LIST);
      HttpResponse<byte[]> answer = served.get(path);
      assertThat(answer.statusCode()).isEqualTo(503);
      assertThat(code(answer)).isEqualTo("UNAVAILABLE");
      assertThat(header(answer, "Retry-After")).matches("\\d+");
      served.store.before((operation, key) -> {});
      assertThat(served.get(path).statusCode()).isEqualTo(200);
    }
    failing(Operation.READ);
    HttpResponse<byte[]> answer = served.get(blob(layer));
    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(header(answer, "Content-Range") + header(answer, "ETag")).isEmpty();
    Eventually.holds(
        "the log says why",
        () -> served.log().stream().anyMatch(it -> it.problem().contains("does not answer")));
  }

  @Test
  void a_range_that_breaks_off_once_goes_on() throws IOException {
    AtomicInteger reads = new AtomicInteger();
    served.store.before(
        (operation, key) -> {
          if (operation == Operation.READ && reads.incrementAndGet() == 2) {
            throw away();
          }
        });
    assertThat(Digest.of(served.get(blob(layer)).body())).isEqualTo(layer);
  }

  @Test
  void a_store_that_goes_away_in_the_middle_cuts_the_connection() {
    AtomicInteger reads = new AtomicInteger();
    served.store.before(
        (operation, key) -> {
          if (operation == Operation.READ && reads.incrementAndGet() > 1) {
            throw away();
          }
        });
    assertThatThrownBy(() -> served.get(blob(layer))).isInstanceOf(IOException.class);
    Eventually.holds("the log says so", () -> served.log().stream().anyMatch(it -> !it.whole()));
    Eventually.holds(
        "the log says why",
        () -> served.log().stream().anyMatch(it -> it.problem().contains("does not answer")));
  }

  /** The same image once more, compressed by another: another state of the archive. */
  private void replace() throws IOException {
    ObjectKey archive = served.published(FIRST).archive();
    served.store.put(archive, served.archive(FIRST), Precondition.none());
  }

  @Test
  void an_archive_that_was_replaced_before_the_first_byte_is_read_anew() throws IOException {
    replace();
    assertThat(Digest.of(served.get(blob(layer)).body())).isEqualTo(layer);
  }

  @Test
  void a_layer_that_went_with_its_archive_is_unknown() throws IOException {
    served.store.delete(served.published(FIRST).archive());
    served.store.delete(served.published(FIRST).key().metadata());
    HttpResponse<byte[]> answer = served.get(blob(layer));
    assertThat(answer.statusCode()).isEqualTo(404);
    assertThat(served.send("HEAD", blob(layer)).statusCode()).isEqualTo(404);
    assertThat(served.get(manifest(FIRST.tag())).statusCode()).isEqualTo(404);
  }

  @Test
  void an_archive_that_is_replaced_later_cuts_the_connection() {
    AtomicInteger reads = new AtomicInteger();
    served.store.before(
        (operation, key) -> {
          if (operation == Operation.READ && reads.incrementAndGet() == 2) {
            try {
              replace();
            } catch (IOException e) {
              throw new AssertionError(e);
            }
          }
        });
    assertThatThrownBy(() -> served.get(blob(layer))).isInstanceOf(IOException.class);
  }

  /** The store hands out a wrong byte under the right ETag. */
  @Test
  void wrong_bytes_are_never_sent_to_their_end() throws IOException {
    LayerEntry entry = served.index(FIRST).layers().getFirst();
    byte[] archive = served.archive(FIRST);
    archive[(int) entry.end() - 5] ^= 1;
    served.store.put(served.published(FIRST).archive(), archive, Precondition.none());
    assertThatThrownBy(() -> served.get(blob(layer))).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> served.get(blob(entry.diffId()))).isInstanceOf(IOException.class);
    Eventually.holds(
        "the log says so", () -> served.log().stream().anyMatch(it -> !it.problem().isEmpty()));
  }

  @Test
  void a_damaged_metadata_is_no_manifest_and_hides_no_other() throws IOException {
    served.with(ServedBucket.SECOND, dev.s3dock.testing.engine.ImageSpec.small());
    served.rewriteIndex(
        ServedBucket.SECOND,
        index -> {
          index.remove("tail");
          return index;
        });
    HttpResponse<byte[]> answer = served.get(manifest(ServedBucket.SECOND.tag()));
    assertThat(answer.statusCode()).isEqualTo(500);
    try (ServedBucket again = new ServedBucket(spool)) {
      served
          .store
          .contents()
          .forEach(
              (key, content) -> again.store.put(new ObjectKey(key), content, Precondition.none()));
      assertThat(Digest.of(again.serve().get(blob(layer)).body())).isEqualTo(layer);
    }
  }
}
