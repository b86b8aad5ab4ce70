package dev.s3dock.store.s3;

import dev.s3dock.store.ByteRange;
import dev.s3dock.store.ETag;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.ObjectStat;

/**
 * Copies inside the bucket.
 *
 * @param largest of a copy in one request, in bytes
 * @param part size of the parts of a larger one, in bytes
 */
record S3Copy(S3Calls calls, long largest, long part) {
  /** 5 GiB (Amazon S3, "Copying objects"). */
  static final long LARGEST = 5L << 30;

  static final long PART = 1L << 30;

  ETag copy(ObjectStat from, ObjectKey to) {
    return from.size() <= largest ? copyWhole(from, to) : copyParts(from, to);
  }

  private ETag copyWhole(ObjectStat from, ObjectKey to) {
    return S3Calls.token(
        calls
            .patient(
                "copy " + from.key() + " to " + to,
                "s3:GetObject and s3:PutObject",
                client ->
                    client.copyObject(
                        request ->
                            request
                                .sourceBucket(calls.bucket())
                                .sourceKey(from.key().value())
                                .copySourceIfMatch(S3Calls.quoted(from.etag()))
                                .destinationBucket(calls.bucket())
                                .destinationKey(to.value())))
            .copyObjectResult()
            .eTag(),
        to);
  }

  private ETag copyParts(ObjectStat from, ObjectKey to) {
    try (S3Upload upload = new S3Upload(calls, to)) {
      int number = 1;
      for (long start = 0; start < from.size(); start += part) {
        long length = Math.min(part, from.size() - start);
        upload.copyPart(number++, from, new ByteRange(start, length));
      }
      return upload.complete();
    }
  }
}
