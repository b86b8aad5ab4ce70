package dev.s3dock.store.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.StoreException;
import dev.s3dock.store.StoreException.Kind;
import dev.s3dock.testing.FaultProxy;
import dev.s3dock.testing.FaultProxy.Fault;
import dev.s3dock.testing.store.S3Server;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each answer of a store becomes a kind of failure, and a message that says what to do. */
class S3ErrorsTest {
  @TempDir Path cache;

  private StoreException get(Fault.Answer answer) throws IOException {
    try (FaultProxy proxy = FaultProxy.alone();
        S3ObjectStore store = S3ObjectStore.open(settings(proxy))) {
      proxy.spoil(9, request -> true, answer);
      return assertThatExceptionOfType(StoreException.class)
          .isThrownBy(() -> store.get(new ObjectKey("images/a.json"), 10))
          .actual();
    }
  }

  private S3Settings settings(FaultProxy proxy) {
    S3Server server = new S3Server("fake", proxy.endpoint(), "us-east-1", "key", "s3cret");
    return S3StoreContract.settings(server, proxy.endpoint(), "bucket", 0, cache);
  }

  private static Fault.Answer answer(int status, Map<String, String> headers, String inside) {
    return new Fault.Answer(status, headers, "<Error>" + inside + "</Error>");
  }

  @ParameterizedTest
  @CsvSource({
    "403, AccessDenied, ACCESS_DENIED, s3:GetObject",
    "403, InvalidAccessKeyId, ACCESS_DENIED, access key",
    "403, SignatureDoesNotMatch, ACCESS_DENIED, secret key",
    "400, ExpiredToken, ACCESS_DENIED, sign in again",
    "403, RequestTimeTooSkewed, ACCESS_DENIED, clock",
    "401, Unauthorized, ACCESS_DENIED, credentials",
    "404, NoSuchBucket, NO_BUCKET, create it",
    "507, InsufficientStorage, NO_SPACE, full",
    "507, XMinioStorageFull, NO_SPACE, full",
    "403, QuotaExceeded, NO_SPACE, full",
    "500, InternalError, UNAVAILABLE, try again",
    "503, SlowDown, UNAVAILABLE, try again",
    "429, TooManyRequests, UNAVAILABLE, try again",
    "501, NotImplemented, UNSUPPORTED, does not offer",
    "405, MethodNotAllowed, UNSUPPORTED, does not offer",
    "418, Teapot, FAILED, 418",
    "412, PreconditionFailed, PRECONDITION_FAILED, expected state",
    "301, PermanentRedirect, WRONG_REGION, region"
  })
  void a_code_becomes_a_kind_and_a_remedy(int status, String code, Kind kind, String remedy)
      throws IOException {
    StoreException e =
        get(answer(status, Map.of(), "<Code>" + code + "</Code><Message>words</Message>"));

    assertThat(e.kind()).as(e.getMessage()).isEqualTo(kind);
    assertThat(e).hasMessageContaining(remedy).hasMessageContaining("s3://bucket");
    assertThat(e).hasMessageContaining("images/a.json");
  }

  @Test
  void the_right_region_is_named_from_the_header() throws IOException {
    StoreException e =
        get(
            answer(
                301,
                Map.of("x-amz-bucket-region", "eu-central-1"),
                "<Code>PermanentRedirect</Code>"));

    assertThat(e.kind()).isEqualTo(Kind.WRONG_REGION);
    assertThat(e).hasMessageContaining("set the region to eu-central-1, not us-east-1");
  }

  @Test
  void the_right_region_is_named_from_the_body() throws IOException {
    StoreException e =
        get(
            answer(
                400,
                Map.of(),
                "<Code>AuthorizationHeaderMalformed</Code><Region>eu-west-3</Region>"));

    assertThat(e.kind()).isEqualTo(Kind.WRONG_REGION);
    assertThat(e).hasMessageContaining("set the region to eu-west-3");
  }

  @Test
  void the_right_region_is_named_where_a_head_has_no_body() throws IOException {
    try (FaultProxy proxy = FaultProxy.alone();
        S3ObjectStore store = S3ObjectStore.open(settings(proxy))) {
      proxy.spoil(9, request -> true, answer(400, Map.of("x-amz-bucket-region", "eu-north-1"), ""));

      assertThatExceptionOfType(StoreException.class)
          .isThrownBy(() -> store.head(new ObjectKey("a")))
          .withMessageContaining("eu-north-1")
          .satisfies(e -> assertThat(e.kind()).isEqualTo(Kind.WRONG_REGION));
    }
  }

  @Test
  void a_store_cannot_steer_the_terminal() throws IOException {
    StoreException e =
        get(
            answer(
                403,
                Map.of(),
                "<Code>AccessDenied</Code><Message>a&#x9b;31m" + "x".repeat(9999) + "</Message>"));

    assertThat(e.getMessage()).hasSizeLessThan(800);
    assertThat(e.toString().chars()).noneMatch(Character::isISOControl);
  }
}
