package dev.s3dock.store.s3;

import dev.s3dock.store.ETag;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.StoreException;
import java.io.ByteArrayInputStream;
import java.io.UncheckedIOException;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;

/** The clients, with their errors translated, and what requests have in common. */
record S3Calls(String bucket, S3Clients clients, S3Errors errors) {
  private static final String OCTETS = "application/octet-stream";

  /** Sends a request whose answer begins at once. */
  <T> T quick(String doing, String permission, Function<S3Client, T> request) {
    return send(clients.quick(), doing, permission, request);
  }

  /** Sends a request for a range, once. */
  <T> T range(String doing, String permission, Function<S3Client, T> request) {
    return send(clients.ranges(), doing, permission, request);
  }

  /** Sends a request that may take the store minutes. */
  <T> T patient(String doing, String permission, Function<S3Client, T> request) {
    return send(clients.patient(), doing, permission, request);
  }

  private <T> T send(
      S3Client client, String doing, String permission, Function<S3Client, T> request) {
    try {
      return whole(() -> request.apply(client));
    } catch (SdkException e) {
      throw errors.translate(e, doing, permission);
    }
  }

  /**
   * Sends what has to be sent by an interrupted thread too: the SDK sends nothing for one. An
   * interruption that comes meanwhile makes another try.
   */
  static <T> T uninterrupted(Supplier<T> request) {
    boolean interrupted = Thread.interrupted();
    try {
      while (true) {
        try {
          return request.get();
        } catch (SdkException e) {
          if (!Thread.interrupted()) {
            throw e;
          }
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Aborts an upload, for an interrupted thread too; errors are the SDK's. */
  void abort(ObjectKey key, String uploadId) {
    uninterrupted(
        () ->
            whole(
                () ->
                    clients
                        .quick()
                        .abortMultipartUpload(
                            request ->
                                request.bucket(bucket).key(key.value()).uploadId(uploadId))));
  }

  /** The SDK does not wrap what befalls it while it reads the text of an error. */
  static <T> T whole(Supplier<T> answer) {
    try {
      return answer.get();
    } catch (UncheckedIOException e) {
      throw SdkClientException.create("the answer ended early", e.getCause());
    }
  }

  /**
   * Writes a small object; errors are the SDK's.
   *
   * @param ifMatch the header as it is sent; null for none
   * @param ifNoneMatch as {@code ifMatch}
   */
  ETag put(ObjectKey key, byte[] content, @Nullable String ifMatch, @Nullable String ifNoneMatch) {
    String etag =
        whole(
            () ->
                clients
                    .quick()
                    .putObject(
                        request ->
                            request
                                .bucket(bucket)
                                .key(key.value())
                                .contentType(contentType(key))
                                .ifMatch(ifMatch)
                                .ifNoneMatch(ifNoneMatch),
                        body(content, 0, content.length))
                    .eTag());
    return token(etag, key);
  }

  /** A body that is read from the array as often as it is sent, without a copy. */
  static RequestBody body(byte[] content, int offset, int length) {
    return RequestBody.fromContentProvider(
        () -> new ByteArrayInputStream(content, offset, length), length, OCTETS);
  }

  static String contentType(ObjectKey key) {
    if (key.value().endsWith(".json")) {
      return "application/json";
    }
    return key.value().endsWith(".gz") ? "application/gzip" : OCTETS;
  }

  /** The token as a header has it. */
  static String quoted(ETag etag) {
    return '"' + etag.value() + '"';
  }

  /** The token that the store has answered with. */
  static ETag token(@Nullable String etag, ObjectKey key) {
    if (etag == null || etag.isEmpty()) {
      throw new StoreException(
          StoreException.Kind.FAILED, "the store answers without an ETag for " + key);
    }
    return new ETag(etag);
  }
}
