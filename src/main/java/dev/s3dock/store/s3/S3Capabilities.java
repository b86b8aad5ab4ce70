package dev.s3dock.store.s3;

import dev.s3dock.store.ETag;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.ObjectStat;
import dev.s3dock.store.StoreCapabilities;
import dev.s3dock.store.StoreException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.http.SdkHttpResponse;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.HeadBucketResponse;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** Asks a bucket in the terms of S3. */
final class S3Capabilities implements StoreCapabilities {
  private static final ETag NO_STATE = new ETag("00000000000000000000000000000000");
  private static final String WRITE = "s3:PutObject";
  private static final byte[] CONTENT = {2};

  private final S3Calls calls;

  S3Capabilities(S3Calls calls) {
    this.calls = calls;
  }

  @Override
  public Greeting greet() {
    try {
      HeadBucketResponse answer =
          calls.clients().quick().headBucket(request -> request.bucket(calls.bucket()));
      return greeting(
          Optional.ofNullable(answer.sdkHttpResponse()),
          Optional.ofNullable(answer.bucketRegion()),
          Optional.empty());
    } catch (AwsServiceException e) {
      return refused(e);
    } catch (SdkException e) {
      return greeting(Optional.empty(), Optional.empty(), Optional.of(translated(e)));
    }
  }

  /** The answer to a HEAD has no body, so it does not tell what is wrong: a list does. */
  private Greeting refused(AwsServiceException e) {
    Optional<SdkHttpResponse> answer =
        Optional.ofNullable(e.awsErrorDetails()).map(AwsErrorDetails::sdkHttpResponse);
    StoreException problem =
        e.statusCode() == 404
            ? calls.errors().noBucket("cannot " + doing() + ": ", e)
            : translated(e);
    try {
      calls
          .clients()
          .quick()
          .listObjectsV2(request -> request.bucket(calls.bucket()).maxKeys(1).prefix("images/"));
      return greeting(answer, Optional.empty(), Optional.empty());
    } catch (SdkException told) {
      StoreException better = translated(told);
      boolean clearer =
          better.kind() != StoreException.Kind.UNAVAILABLE
              && problem.kind() != StoreException.Kind.WRONG_REGION;
      return greeting(answer, Optional.empty(), Optional.of(clearer ? better : problem));
    }
  }

  private StoreException translated(SdkException e) {
    return calls.errors().translate(e, doing(), "s3:ListBucket");
  }

  private String doing() {
    return "access the bucket";
  }

  private Greeting greeting(
      Optional<SdkHttpResponse> answer, Optional<String> region, Optional<StoreException> problem) {
    return new Greeting(
        region
            .or(() -> answer.flatMap(it -> it.firstMatchingHeader("x-amz-bucket-region")))
            .filter(name -> name.matches("[a-z0-9-]{1,40}")),
        Optional.of(calls.clients().region().id()),
        answer.flatMap(it -> it.firstMatchingHeader("Date")).flatMap(S3Capabilities::time),
        problem);
  }

  private static Optional<Instant> time(String date) {
    try {
      return Optional.of(DateTimeFormatter.RFC_1123_DATE_TIME.parse(date, Instant::from));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  @Override
  public String credentials() {
    try {
      return calls.clients().identity();
    } catch (SdkException e) {
      throw calls.errors().translate(e, "sign in", "s3:ListBucket");
    }
  }

  @Override
  public boolean honours(Condition condition, ObjectStat object) {
    String permission =
        switch (condition) {
          case WRITE_IF_ABSENT, WRITE_IF_MATCH -> WRITE;
          case READ_IF_MATCH -> "s3:GetObject";
          case DELETE_IF_MATCH -> "s3:DeleteObject";
        };
    return calls.quick(
        "try '%s' on %s".formatted(words(condition), object.key()),
        permission,
        client -> S3Compatibility.isRefused(() -> send(client, condition, object.key())));
  }

  private static String words(Condition condition) {
    return condition.name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  private void send(S3Client client, Condition condition, ObjectKey key) {
    switch (condition) {
      case WRITE_IF_ABSENT -> calls.put(key, CONTENT, null, "*");
      case WRITE_IF_MATCH -> calls.put(key, CONTENT, S3Calls.quoted(NO_STATE), null);
      case READ_IF_MATCH ->
          client
              .getObjectAsBytes(
                  request ->
                      request
                          .bucket(calls.bucket())
                          .key(key.value())
                          .range("bytes=0-0")
                          .ifMatch(S3Calls.quoted(NO_STATE)))
              .asByteArrayUnsafe();
      case DELETE_IF_MATCH ->
          client.deleteObject(
              request ->
                  request
                      .bucket(calls.bucket())
                      .key(key.value())
                      .ifMatch(S3Calls.quoted(NO_STATE)));
    }
  }

  @Override
  public boolean tryWriting(ObjectKey absent) {
    return calls.quick(
        "write " + absent,
        WRITE + " on it",
        client -> {
          try {
            calls.put(absent, CONTENT, S3Calls.quoted(NO_STATE), null);
          } catch (S3Exception e) {
            if (e.statusCode() != 412 && e.statusCode() != 404 && !S3Errors.isConflict(e)) {
              throw e;
            }
            return true;
          }
          client.deleteObject(request -> request.bucket(calls.bucket()).key(absent.value()));
          return false;
        });
  }

  @Override
  public void tryAborting(ObjectKey key) {
    String upload =
        calls.quick(
            "start the upload of " + key,
            WRITE,
            client ->
                client
                    .createMultipartUpload(
                        request -> request.bucket(calls.bucket()).key(key.value()))
                    .uploadId());
    try {
      calls.abort(key, upload);
    } catch (SdkException e) {
      throw calls.errors().translate(e, "abort the upload of " + key, "s3:AbortMultipartUpload");
    }
  }

  @Override
  public Optional<Path> folder() {
    return Optional.empty();
  }
}
