package dev.s3dock.store.s3;

import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.StoreException;
import dev.s3dock.store.s3.S3Trials.Uploads;
import java.util.Optional;
import java.util.function.Function;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * Finds out how a store takes uploads and copies: a copy and a copied part whose condition does not
 * hold, and the end of an upload without one of its parts. Removes what it has made.
 *
 * @param source where nothing is
 * @param target where nothing is
 */
record UploadTrial(S3Calls calls, ObjectKey source, ObjectKey target) {
  /**
   * @throws StoreException if a request fails that every store offers
   */
  Uploads run() {
    try {
      return calls.quick("try an upload to " + target, S3Trials.PERMISSION, this::run);
    } finally {
      removeIfPossible(source);
      removeIfPossible(target);
    }
  }

  private Uploads run(S3Client client) {
    calls.put(source, new byte[] {1}, null, null);
    boolean looks = S3Trials.isRefused(() -> copy(client));
    String upload =
        client
            .createMultipartUpload(request -> request.bucket(calls.bucket()).key(target.value()))
            .uploadId();
    boolean ended = false;
    try {
      boolean looksForParts = S3Trials.isRefused(() -> copyPart(client, upload));
      part(client, upload, 2);
      String last = part(client, upload, 3);
      Optional<S3Exception> refusal = endWith(client, upload, last);
      ended = refusal.isEmpty();
      // S3Mock finds fault with the size of parts that are not listed
      boolean needsAll = refusal.filter(e -> S3Errors.codeOf(e).equals("InvalidPart")).isPresent();
      return new Uploads(!needsAll, looks && looksForParts);
    } finally {
      if (!ended) {
        abortIfPossible(upload);
      }
    }
  }

  private void copy(S3Client client) {
    client.copyObject(
        request ->
            request
                .sourceBucket(calls.bucket())
                .sourceKey(source.value())
                .copySourceIfMatch(S3Calls.quoted(S3Trials.NO_STATE))
                .destinationBucket(calls.bucket())
                .destinationKey(target.value()));
  }

  private void copyPart(S3Client client, String upload) {
    client.uploadPartCopy(
        request ->
            request
                .sourceBucket(calls.bucket())
                .sourceKey(source.value())
                .copySourceIfMatch(S3Calls.quoted(S3Trials.NO_STATE))
                .copySourceRange("bytes=0-0")
                .destinationBucket(calls.bucket())
                .destinationKey(target.value())
                .uploadId(upload)
                .partNumber(1));
  }

  private Optional<S3Exception> endWith(S3Client client, String upload, String last) {
    try {
      client.completeMultipartUpload(
          request ->
              request
                  .bucket(calls.bucket())
                  .key(target.value())
                  .uploadId(upload)
                  .multipartUpload(
                      parts ->
                          parts.parts(CompletedPart.builder().partNumber(3).eTag(last).build())));
      return Optional.empty();
    } catch (S3Exception e) {
      return Optional.of(e);
    }
  }

  private String part(S3Client client, String upload, int number) {
    return client
        .uploadPart(
            request ->
                request
                    .bucket(calls.bucket())
                    .key(target.value())
                    .uploadId(upload)
                    .partNumber(number),
            S3Calls.body(new byte[] {(byte) number}, 0, 1))
        .eTag();
  }

  private void removeIfPossible(ObjectKey key) {
    tidy(client -> client.deleteObject(r -> r.bucket(calls.bucket()).key(key.value())));
  }

  private void abortIfPossible(String upload) {
    tidy(
        client ->
            client.abortMultipartUpload(
                request -> request.bucket(calls.bucket()).key(target.value()).uploadId(upload)));
  }

  /** What stays is removed by the bucket's lifecycle rules. */
  private void tidy(Function<S3Client, ?> request) {
    try {
      S3Calls.uninterrupted(() -> request.apply(calls.clients().quick()));
    } catch (SdkException e) {
      // what is wrong shows when something is really removed
    }
  }
}
