package dev.s3dock.store.s3;

import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.StoreException;
import dev.s3dock.store.s3.S3Compatibility.Uploads;
import dev.s3dock.store.s3.access.SdkWords;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * Finds out how a store takes uploads: a copied part whose condition does not hold, and the end
 * without one of the parts. Removes what it has made.
 *
 * @param source where nothing is
 * @param target where nothing is
 */
record UploadCompatibility(S3Calls calls, ObjectKey source, ObjectKey target) {
  /**
   * @throws StoreException if a request fails that every store offers
   */
  Uploads run() {
    try {
      return calls.quick("try an upload to " + target, S3Compatibility.PERMISSION, this::run);
    } finally {
      removeIfPossible(source);
      removeIfPossible(target);
    }
  }

  private Uploads run(S3Client client) {
    calls.put(source, new byte[] {1}, null, null);
    String upload =
        client
            .createMultipartUpload(request -> request.bucket(calls.bucket()).key(target.value()))
            .uploadId();
    boolean ended = false;
    try {
      boolean looks = S3Compatibility.isRefused(() -> copyPart(client, upload));
      part(client, upload, 2);
      String last = part(client, upload, 3);
      End end = endWith(client, upload, last);
      ended = end == End.DONE;
      return new Uploads(end != End.PART_MISSED, looks);
    } finally {
      if (!ended) {
        abortIfPossible(upload);
      }
    }
  }

  private void copyPart(S3Client client, String upload) {
    client.uploadPartCopy(
        request ->
            request
                .sourceBucket(calls.bucket())
                .sourceKey(source.value())
                .copySourceIfMatch(S3Calls.quoted(S3Compatibility.NO_STATE))
                .copySourceRange("bytes=0-0")
                .destinationBucket(calls.bucket())
                .destinationKey(target.value())
                .uploadId(upload)
                .partNumber(1));
  }

  private enum End {
    DONE,
    /** Refused, since one of the parts that are there is not listed. */
    PART_MISSED,
    /** Refused for the parts' size: S3Mock looks at those that are not listed, too. */
    PART_TOO_SMALL
  }

  /** Any other answer tells nothing, and must not be remembered as if it did. */
  private End endWith(S3Client client, String upload, String last) {
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
      return End.DONE;
    } catch (S3Exception e) {
      return switch (SdkWords.codeOf(e)) {
        case "InvalidPart" -> End.PART_MISSED;
        case "EntityTooSmall" -> End.PART_TOO_SMALL;
        default -> throw e;
      };
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
    tidy(
        () ->
            S3Calls.uninterrupted(
                () ->
                    calls
                        .clients()
                        .quick()
                        .deleteObject(r -> r.bucket(calls.bucket()).key(key.value()))));
  }

  private void abortIfPossible(String upload) {
    tidy(() -> calls.abort(target, upload));
  }

  /** What stays is removed by the bucket's lifecycle rules. */
  private static void tidy(Runnable request) {
    try {
      request.run();
    } catch (SdkException e) {
      // what is wrong shows when something is really removed
    }
  }
}
