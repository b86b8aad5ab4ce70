package dev.s3dock.store.s3;

import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.UnfinishedUpload;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.s3.model.EncodingType;
import software.amazon.awssdk.services.s3.model.ListMultipartUploadsRequest;
import software.amazon.awssdk.services.s3.model.ListMultipartUploadsResponse;
import software.amazon.awssdk.services.s3.model.NoSuchUploadException;

/** The multipart uploads that a bucket knows of. */
record S3Uploads(S3Calls calls, int pageSize) {
  private static final String LIST = "s3:ListBucketMultipartUploads";

  /** Those below a prefix; keys that are none of ours are left out. */
  Stream<UnfinishedUpload> below(String prefix) {
    return Stream.iterate(
            page(prefix, null, null),
            response -> response != null,
            response -> next(prefix, response))
        .flatMap(response -> response.uploads().stream())
        .filter(upload -> ObjectKey.isValid(upload.key()) && upload.key().startsWith(prefix))
        .map(
            upload ->
                new UnfinishedUpload(
                    new ObjectKey(upload.key()), upload.uploadId(), upload.initiated()));
  }

  private @Nullable ListMultipartUploadsResponse next(
      String prefix, ListMultipartUploadsResponse response) {
    return Boolean.TRUE.equals(response.isTruncated()) && response.nextKeyMarker() != null
        ? page(prefix, response.nextKeyMarker(), response.nextUploadIdMarker())
        : null;
  }

  private ListMultipartUploadsResponse page(
      String prefix, @Nullable String key, @Nullable String upload) {
    ListMultipartUploadsRequest.Builder request =
        ListMultipartUploadsRequest.builder()
            .bucket(calls.bucket())
            .prefix(prefix)
            .maxUploads(pageSize)
            .encodingType(EncodingType.URL);
    if (key != null) {
      request.keyMarker(key).uploadIdMarker(upload);
    }
    return calls.quick(
        "list the unfinished uploads below " + prefix,
        LIST,
        client -> client.listMultipartUploads(request.build()));
  }

  /** Aborts an upload; its parts are removed. */
  void abort(UnfinishedUpload upload) {
    calls.quick(
        "abort the upload of " + upload.key(),
        "s3:AbortMultipartUpload",
        client -> {
          try {
            client.abortMultipartUpload(
                request ->
                    request.bucket(calls.bucket()).key(upload.key().value()).uploadId(upload.id()));
          } catch (NoSuchUploadException e) {
            // no error: it is gone
          }
          return upload;
        });
  }
}
