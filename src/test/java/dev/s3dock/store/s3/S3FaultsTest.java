package dev.s3dock.store.s3;

import static dev.s3dock.store.SmallObjectContract.assertFails;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;

import dev.s3dock.registry.DocumentWrites;
import dev.s3dock.registry.Documents;
import dev.s3dock.store.ByteRange;
import dev.s3dock.store.ETag;
import dev.s3dock.store.MultipartUpload;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.ObjectStat;
import dev.s3dock.store.Precondition;
import dev.s3dock.store.StoreException;
import dev.s3dock.store.StoreException.Kind;
import dev.s3dock.testing.FaultProxy;
import dev.s3dock.testing.FaultProxy.Fault;
import dev.s3dock.testing.FaultProxy.Request;
import dev.s3dock.testing.store.S3Server;
import dev.s3dock.testing.store.S3Servers;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a network and a store can do to a request. */
class S3FaultsTest {
  private static final ObjectKey KEY = new ObjectKey("pointers/my-app/production.json");
  private static final S3ObjectStore.Tuning IMPATIENT =
      new S3ObjectStore.Tuning(
          new S3Clients.Timeouts(
              Duration.ofSeconds(2),
              Duration.ofSeconds(10),
              Duration.ofSeconds(3),
              Duration.ofSeconds(20)),
          1000,
          6 << 20,
          5 << 20);

  @TempDir Path cache;
  private FaultProxy proxy;
  private String bucket;

  @BeforeEach
  void start() throws IOException {
    proxy = FaultProxy.inFrontOf(S3Servers.s3Mock().endpoint());
    bucket = S3Servers.newBucket(S3Servers.s3Mock());
  }

  @AfterEach
  void stop() {
    proxy.close();
  }

  private S3ObjectStore open(int retries) {
    return new S3ObjectStore(
        S3StoreContract.settings(S3Servers.s3Mock(), proxy.endpoint(), bucket, retries, cache),
        IMPATIENT);
  }

  private static Predicate<Request> is(String method) {
    return request ->
        request.method().equals(method) && !request.target().contains("/.s3dock/probe/");
  }

  private static Fault error(int status, String code) {
    return new Fault.Answer(
        status,
        Map.of("Content-Type", "application/xml"),
        "<Error><Code>%s</Code><Message>said the store</Message></Error>".formatted(code));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  @Test
  void a_write_whose_answer_was_lost_has_won_even_if_its_retry_fails() {
    try (S3ObjectStore store = open(2)) {
      proxy.spoil(1, is("PUT"), new Fault.LoseAnswer());

      ETag etag = store.put(KEY, bytes("mine"), Precondition.ifAbsent());

      assertThat(store.head(KEY).map(ObjectStat::etag)).contains(etag);
      assertThat(proxy.requests().stream().filter(is("PUT"))).hasSize(2);
    }
  }

  @Test
  void a_write_whose_only_answer_was_lost_has_won_too() {
    try (S3ObjectStore store = open(0)) {
      proxy.spoil(1, is("PUT"), new Fault.LoseAnswer());

      ETag etag = store.put(KEY, bytes("mine"), Precondition.ifAbsent());

      assertThat(store.head(KEY).map(ObjectStat::etag)).contains(etag);
    }
  }

  @Test
  void a_write_that_never_arrived_has_not_won_over_another() {
    try (S3ObjectStore store = open(2)) {
      store.put(KEY, bytes("theirs"), Precondition.none());
      proxy.spoil(1, is("PUT"), new Fault.Disconnect());

      assertFails(
          Kind.PRECONDITION_FAILED, () -> store.put(KEY, bytes("mine"), Precondition.ifAbsent()));

      assertThat(store.get(KEY, 100).orElseThrow().content()).isEqualTo(bytes("theirs"));
    }
  }

  @Test
  void a_proxy_that_repeats_every_write_hides_neither_conditions_nor_ones_own_work() {
    proxy.spoil(99, request -> request.method().equals("PUT"), new Fault.Repeat());
    try (S3ObjectStore store = open(0)) {
      DocumentWrites writes = new DocumentWrites(store);
      ETag first = writes.put(KEY, Documents.create().put("n", 1), Precondition.ifAbsent());
      ETag second = writes.put(KEY, Documents.create().put("n", 2), Precondition.ifMatch(first));

      assertThat(store.head(KEY).map(ObjectStat::etag)).contains(second);
      assertFails(
          Kind.PRECONDITION_FAILED,
          () -> writes.put(KEY, Documents.create().put("n", 3), Precondition.ifMatch(first)));
    }
  }

  /** As OpenStack Swift does with objects that were uploaded in parts. */
  @Test
  void what_a_store_does_not_copy_under_a_condition_is_copied_without_one() {
    ObjectKey target = new ObjectKey("archive/my-app/202507/a.tar.gz");
    try (S3ObjectStore store = open(0)) {
      store.put(KEY, bytes("content"), Precondition.none());
      ObjectStat from = store.head(KEY).orElseThrow();
      proxy.spoil(
          99,
          request -> request.headers().containsKey("x-amz-copy-source-if-match"),
          error(412, "PreconditionFailed"));

      store.copy(from, target);

      assertThat(store.get(target, 100).orElseThrow().content()).isEqualTo(bytes("content"));
      store.put(KEY, bytes("changed"), Precondition.none());
      assertFails(Kind.PRECONDITION_FAILED, () -> store.copy(from, target));
    }
  }

  @Test
  void a_write_that_met_another_is_sent_again() {
    try (S3ObjectStore store = open(2)) {
      proxy.spoil(1, is("PUT"), error(409, "ConditionalRequestConflict"));

      store.put(KEY, bytes("mine"), Precondition.ifAbsent());

      assertThat(store.get(KEY, 100).orElseThrow().content()).isEqualTo(bytes("mine"));
    }
  }

  @Test
  void the_end_of_an_upload_whose_answer_was_lost_is_an_end_all_the_same() {
    try (S3ObjectStore store = open(2);
        MultipartUpload upload = store.startUpload(KEY)) {
      upload.uploadPart(1, bytes("content"), 0, 7);
      proxy.spoil(1, is("POST"), new Fault.LoseAnswer());

      ETag etag = upload.complete();

      assertThat(store.head(KEY).map(ObjectStat::etag)).contains(etag);
    }
  }

  @Test
  void an_upload_that_cannot_be_completed_is_aborted() {
    try (S3ObjectStore store = open(0)) {
      try (MultipartUpload upload = store.startUpload(KEY)) {
        upload.uploadPart(1, bytes("x"), 0, 1);
        proxy.spoil(1, is("POST"), error(400, "InvalidPart"));
        assertFails(Kind.FAILED, upload::complete);
      }
      assertThat(proxy.requests().getLast().method()).isEqualTo("DELETE");
    }
  }

  @Test
  void an_overloaded_store_is_asked_again() {
    try (S3ObjectStore store = open(2)) {
      proxy.spoil(2, is("PUT"), error(503, "SlowDown"));

      store.put(KEY, bytes("mine"), Precondition.none());

      assertThat(store.get(KEY, 100)).isPresent();
    }
  }

  @Test
  void a_store_that_stays_overloaded_is_unavailable() {
    try (S3ObjectStore store = open(1)) {
      proxy.spoil(9, request -> true, error(503, "SlowDown"));

      assertFails(Kind.UNAVAILABLE, () -> store.put(KEY, bytes("mine"), Precondition.none()));
      assertFails(Kind.UNAVAILABLE, () -> store.head(KEY));
      assertFails(Kind.UNAVAILABLE, () -> store.list("").toList());
    }
  }

  @Test
  void a_body_that_breaks_off_is_read_again_where_it_is_read_whole() {
    try (S3ObjectStore store = open(2)) {
      store.put(KEY, bytes("0123456789"), Precondition.none());
      proxy.spoil(1, is("GET"), new Fault.Truncate(4));

      assertThat(store.get(KEY, 100).orElseThrow().content()).isEqualTo(bytes("0123456789"));
    }
  }

  @Test
  void a_range_that_breaks_off_fails_in_the_stream() throws IOException {
    try (S3ObjectStore store = open(0)) {
      ETag etag = store.put(KEY, bytes("0123456789"), Precondition.none());
      proxy.spoil(1, is("GET"), new Fault.Truncate(4));

      try (InputStream in = store.read(KEY, new ByteRange(0, 10), etag)) {
        assertThatIOException().isThrownBy(in::readAllBytes).withMessageContaining(KEY.value());
      }
    }
  }

  @Test
  void a_range_that_stalls_fails_in_the_stream() throws IOException {
    try (S3ObjectStore store = open(0)) {
      ETag etag = store.put(KEY, bytes("0123456789"), Precondition.none());
      proxy.spoil(1, is("GET"), new Fault.Stall(4));

      try (InputStream in = store.read(KEY, new ByteRange(0, 10), etag)) {
        assertThatIOException().isThrownBy(in::readAllBytes);
      }
    }
  }

  @Test
  void a_store_that_ignores_the_range_is_not_believed() {
    try (S3ObjectStore store = open(0)) {
      ETag etag = store.put(KEY, bytes("0123456789"), Precondition.none());
      proxy.spoil(
          1,
          is("GET"),
          new Fault.Answer(200, Map.of("ETag", '"' + etag.value() + '"'), "0123456789"));

      assertFails(Kind.FAILED, () -> store.read(KEY, new ByteRange(2, 3), etag));
    }
  }

  @Test
  void a_store_that_ignores_if_match_is_not_believed() {
    try (S3ObjectStore store = open(0)) {
      proxy.spoil(1, is("GET"), new Fault.Answer(206, Map.of("ETag", "\"other\""), "abc"));

      assertFails(
          Kind.PRECONDITION_FAILED,
          () -> store.read(KEY, new ByteRange(0, 3), new ETag("expected")));
    }
  }

  @Test
  void a_store_that_ignores_preconditions_is_refused() {
    proxy.close();
    try (FaultProxy ignoring = alone();
        S3ObjectStore store = S3ObjectStore.open(at(ignoring, ConditionalWrites.REQUIRED))) {
      ignoring.spoil(99, request -> true, new Fault.Answer(200, Map.of("ETag", "\"e\""), ""));

      assertFails(Kind.NO_PRECONDITIONS, () -> store.put(KEY, bytes("x"), Precondition.ifAbsent()));
      assertThat(ignoring.requests().getLast().method()).isEqualTo("DELETE");
      assertFails(Kind.NO_PRECONDITIONS, () -> store.put(KEY, bytes("x"), Precondition.ifAbsent()));
    }
  }

  @Test
  void with_conditional_writes_off_the_store_is_looked_at_first() {
    try (S3ObjectStore store = S3ObjectStore.open(at(proxy, ConditionalWrites.OFF))) {
      ETag first = store.put(KEY, bytes("1"), Precondition.ifAbsent());

      assertFails(
          Kind.PRECONDITION_FAILED, () -> store.put(KEY, bytes("2"), Precondition.ifAbsent()));
      store.put(KEY, bytes("3"), Precondition.ifMatch(first));
      assertFails(
          Kind.PRECONDITION_FAILED, () -> store.put(KEY, bytes("4"), Precondition.ifMatch(first)));

      assertThat(proxy.requests()).noneMatch(r -> r.headers().containsKey("if-none-match"));
      assertThat(proxy.requests()).noneMatch(r -> r.target().contains(".s3dock"));
    }
  }

  @Test
  void the_verdict_on_a_store_is_remembered() {
    for (int i = 0; i < 2; i++) {
      try (S3ObjectStore store = open(0)) {
        store.put(new ObjectKey("k" + i), bytes("x"), Precondition.ifAbsent());
        store.put(new ObjectKey("l" + i), bytes("x"), Precondition.ifAbsent());
      }
    }

    assertThat(proxy.requests().stream().filter(r -> r.target().contains(".s3dock"))).hasSize(5);
  }

  private static FaultProxy alone() {
    try {
      return FaultProxy.alone();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private S3Settings at(FaultProxy where, ConditionalWrites mode) {
    S3Settings known = S3StoreContract.settings(mock(), where.endpoint(), bucket, 0, cache);
    return new S3Settings(
        known.bucket(),
        known.endpoint(),
        known.region(),
        known.credentials(),
        0,
        mode,
        known.probeCache());
  }

  private static S3Server mock() {
    return S3Servers.s3Mock();
  }

  @Test
  void a_large_object_is_copied_in_parts() {
    try (S3ObjectStore store = open(0)) {
      byte[] content = new byte[(11 << 20) + 17];
      for (int i = 0; i < content.length; i++) {
        content[i] = (byte) (i / 1000);
      }
      ObjectKey source = new ObjectKey("images/a b+ü.tar.gz");
      store.put(source, content, Precondition.none());
      ObjectStat stat = store.head(source).orElseThrow();

      ETag etag = store.copy(stat, KEY);

      assertThat(store.get(KEY, content.length).orElseThrow().content()).isEqualTo(content);
      assertThat(store.head(KEY).map(ObjectStat::etag)).contains(etag);
      assertThat(proxy.requests()).anyMatch(r -> r.target().contains("partNumber=3"));
      store.put(source, bytes("new"), Precondition.none());
      assertFails(Kind.PRECONDITION_FAILED, () -> store.copy(stat, new ObjectKey("images/other")));
    }
  }

  @Test
  void an_endpoint_that_is_not_there_is_unavailable() {
    proxy.close();
    try (S3ObjectStore store = open(1)) {
      assertThatExceptionOfType(StoreException.class)
          .isThrownBy(() -> store.head(KEY))
          .withMessageContaining("check the endpoint")
          .satisfies(e -> assertThat(e.kind()).isEqualTo(Kind.UNAVAILABLE))
          .satisfies(e -> assertThat(e.retryable()).isTrue());
    }
  }

  @Test
  void wrong_keys_are_denied_and_not_shown() {
    S3Server server = S3Servers.s3Proxy();
    S3Server wrong =
        new S3Server("wrong", server.endpoint(), server.region(), server.accessKey(), "wr0ng");
    S3Settings settings =
        S3StoreContract.settings(wrong, server.endpoint(), S3Servers.newBucket(server), 0, cache);
    try (S3ObjectStore store = S3ObjectStore.open(settings)) {
      assertThatExceptionOfType(StoreException.class)
          .isThrownBy(() -> store.get(KEY, 10))
          .withMessageContaining("access key")
          .satisfies(e -> assertThat(e.kind()).isEqualTo(Kind.ACCESS_DENIED))
          .satisfies(e -> assertThat(e.getMessage()).doesNotContain("wr0ng"));
    }
    assertThat(settings.toString()).doesNotContain("wr0ng");
  }

  @Test
  void a_bucket_that_is_not_there_is_named() {
    bucket = "no-such-bucket";
    try (S3ObjectStore store = open(0)) {
      assertFails(Kind.NO_BUCKET, () -> store.head(KEY));
      assertFails(Kind.NO_BUCKET, () -> store.get(KEY, 10));
      assertFails(Kind.NO_BUCKET, () -> store.list("").toList());
      assertFails(Kind.NO_BUCKET, () -> store.listFolders("").toList());
      assertFails(Kind.NO_BUCKET, () -> store.startUpload(KEY));
      assertFails(Kind.NO_BUCKET, () -> store.put(KEY, bytes("x"), Precondition.none()));
      assertFails(Kind.NO_BUCKET, () -> store.put(KEY, bytes("x"), Precondition.ifAbsent()));
    }
  }
}
