package dev.s3dock.store.s3;

import dev.s3dock.store.ByteRange;
import dev.s3dock.store.ETag;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.ObjectStat;
import dev.s3dock.store.StoreException;
import dev.s3dock.store.StoreException.Kind;
import org.jspecify.annotations.Nullable;

/**
 * Copies inside the store.
 *
 * @param largest of a copy in one request, in bytes
 * @param part size of the parts of a larger one, in bytes
 */
record S3Copy(S3Calls calls, S3Sources sources, long largest, long part) {
  /** 5 GiB (Amazon S3, "Copying objects"). */
  static final long LARGEST = 5L << 30;

  static final long PART = 1L << 30;

  ETag copy(ObjectStat from, ObjectKey to) {
    return from.size() <= largest ? copyWhole(from, to) : copyParts(from, to);
  }

  /**
   * Away from Amazon the source is looked at before and after; a copy of another state is removed,
   * and with it what was there before. OpenStack Swift refuses the token that it shows itself, for
   * objects that were uploaded in parts: these are copied without a condition.
   */
  private ETag copyWhole(ObjectStat from, ObjectKey to) {
    return copyWhole(this, from, to, "copy " + from.key() + " to " + to);
  }

  /** True if an object of another bucket can be copied in one request: both are of one store. */
  boolean canTakeFrom(S3Copy other, ObjectStat from) {
    return other.calls.clients().address().equals(calls.clients().address())
        && from.size() <= largest;
  }

  /** Copies out of another bucket of this store. */
  ETag copyFrom(S3Copy other, ObjectStat from, ObjectKey to) {
    return copyWhole(
        other, from, to, "copy %s of %s to %s".formatted(from.key(), other.calls.bucket(), to));
  }

  private ETag copyWhole(S3Copy source, ObjectStat from, ObjectKey to, String doing) {
    source.sources.require(from, doing);
    ETag copied = S3Calls.token(send(source, from, to, doing), to);
    try {
      source.sources.require(from, doing);
      return copied;
    } catch (StoreException e) {
      remove(to, e);
      throw e;
    }
  }

  private void remove(ObjectKey wrong, StoreException why) {
    try {
      calls.quick(
          "delete " + wrong,
          "s3:DeleteObject",
          client -> client.deleteObject(r -> r.bucket(calls.bucket()).key(wrong.value())));
    } catch (StoreException e) {
      why.addSuppressed(e);
    }
  }

  private @Nullable String send(S3Copy source, ObjectStat from, ObjectKey to, String doing) {
    try {
      return send(source.calls.bucket(), from, to, doing, S3Calls.quoted(from.etag()));
    } catch (StoreException e) {
      if (e.kind() != Kind.PRECONDITION_FAILED || calls.clients().address().isAmazon()) {
        throw e;
      }
      source.sources.require(from, doing);
      return send(source.calls.bucket(), from, to, doing, null);
    }
  }

  private @Nullable String send(
      String bucket, ObjectStat from, ObjectKey to, String doing, @Nullable String state) {
    return calls
        .patient(
            doing,
            "s3:GetObject and s3:PutObject",
            client ->
                client.copyObject(
                    request ->
                        request
                            .sourceBucket(bucket)
                            .sourceKey(from.key().value())
                            .copySourceIfMatch(state)
                            .destinationBucket(calls.bucket())
                            .destinationKey(to.value())))
        .copyObjectResult()
        .eTag();
  }

  private ETag copyParts(ObjectStat from, ObjectKey to) {
    try (S3Upload upload = new S3Upload(calls, sources, to)) {
      int number = 1;
      for (long start = 0; start < from.size(); start += part) {
        long length = Math.min(part, from.size() - start);
        upload.copyPart(number++, from, new ByteRange(start, length));
      }
      return upload.complete();
    }
  }
}
