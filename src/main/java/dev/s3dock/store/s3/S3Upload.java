package dev.s3dock.store.s3;

import dev.s3dock.store.ByteRange;
import dev.s3dock.store.ETag;
import dev.s3dock.store.MultipartUpload;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.ObjectStat;
import dev.s3dock.store.StoreException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.CopyPartResult;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.UploadPartCopyRequest;

/** A multipart upload of S3. */
final class S3Upload implements MultipartUpload {
  private static final String PERMISSION = "s3:PutObject";

  private final S3Calls calls;
  private final S3Sources sources;
  private final ObjectKey key;
  private final String uploadId;
  private final Map<Integer, ETag> etags = new ConcurrentSkipListMap<>();
  private final Map<Integer, Long> sizes = new ConcurrentHashMap<>();
  private boolean open = true;

  S3Upload(S3Calls calls, S3Sources sources, ObjectKey key) {
    this.calls = calls;
    this.sources = sources;
    this.key = key;
    this.uploadId =
        calls
            .quick(
                "start the upload of " + key,
                PERMISSION,
                client ->
                    client.createMultipartUpload(
                        request ->
                            request
                                .bucket(calls.bucket())
                                .key(key.value())
                                .contentType(S3Calls.contentType(key))))
            .uploadId();
  }

  @Override
  public ETag uploadPart(int number, byte[] content, int offset, int length) {
    requireOpen(number);
    String told =
        calls
            .quick(
                "write part " + number + " of " + key,
                PERMISSION,
                client ->
                    client.uploadPart(
                        request ->
                            request
                                .bucket(calls.bucket())
                                .key(key.value())
                                .uploadId(uploadId)
                                .partNumber(number),
                        S3Calls.body(content, offset, length)))
            .eTag();
    ETag etag = S3Calls.token(told, key);
    etags.put(number, etag);
    sizes.put(number, (long) length);
    return etag;
  }

  @Override
  public ETag copyPart(int number, ObjectStat from, ByteRange range) {
    requireOpen(number);
    String doing = "copy part " + number + " of " + key + " from " + from.key();
    UploadPartCopyRequest request =
        UploadPartCopyRequest.builder()
            .sourceBucket(calls.bucket())
            .sourceKey(from.key().value())
            .copySourceIfMatch(S3Calls.quoted(from.etag()))
            .copySourceRange("bytes=" + range.offset() + "-" + (range.end() - 1))
            .destinationBucket(calls.bucket())
            .destinationKey(key.value())
            .uploadId(uploadId)
            .partNumber(number)
            .build();
    @Nullable CopyPartResult result =
        calls.patient(doing, "s3:GetObject", client -> copyPart(client, request, doing));
    if (result == null || result.eTag() == null) {
      // it took the request for an upload of nothing
      throw new StoreException(
          StoreException.Kind.UNSUPPORTED, "cannot " + doing + ": the store does not copy parts");
    }
    ETag etag = S3Calls.token(result.eTag(), key);
    sources.requireAfterPart(from, doing);
    etags.put(number, etag);
    sizes.put(number, range.length());
    return etag;
  }

  /** A store may look at the range before the condition: then the source is shorter by now. */
  private static @Nullable CopyPartResult copyPart(
      S3Client client, UploadPartCopyRequest request, String doing) {
    try {
      return client.uploadPartCopy(request).copyPartResult();
    } catch (S3Exception e) {
      if (e.statusCode() == 416) {
        throw new StoreException(
            StoreException.Kind.PRECONDITION_FAILED,
            "cannot " + doing + ": it is not in the expected state: someone has changed it",
            e);
      }
      throw e;
    }
  }

  /**
   * S3 frees parts that the end of the upload does not list; see {@link S3Compatibility.Uploads}.
   */
  @Override
  public void discard(int number) {
    etags.remove(number);
    sizes.remove(number);
  }

  private synchronized void requireOpen(int number) {
    if (number < 1 || number > MAX_PARTS) {
      throw new IllegalArgumentException("part number " + number);
    }
    requireOpen();
  }

  private void requireOpen() {
    if (!open) {
      throw new IllegalStateException("the upload of " + key + " is closed");
    }
  }

  @Override
  public synchronized ETag complete() {
    requireOpen();
    if (etags.isEmpty()) {
      uploadPart(1, new byte[0], 0, 0); // S3 has no uploads without parts
    }
    List<CompletedPart> parts =
        etags.entrySet().stream().map(part -> part(part.getKey(), part.getValue())).toList();
    String etag;
    try {
      etag =
          S3Calls.whole(
              () ->
                  calls
                      .clients()
                      .patient()
                      .completeMultipartUpload(
                          request ->
                              request
                                  .bucket(calls.bucket())
                                  .key(key.value())
                                  .uploadId(uploadId)
                                  .multipartUpload(upload -> upload.parts(parts)))
                      .eTag());
    } catch (SdkException e) {
      StoreException failure = calls.errors().translate(e, "complete " + key, PERMISSION);
      etag = ownWork(failure).orElseThrow(() -> unknown(failure));
    }
    open = false;
    return calls.clients().address().isAmazon() ? S3Calls.token(etag, key) : visible(etag);
  }

  /**
   * Some stores answer with one token and then show another (S3Proxy), or with none (Ceph 16);
   * readers need the one that is shown. If the object has another size, someone has overwritten it,
   * and that is not ours.
   */
  private ETag visible(@Nullable String told) {
    HeadObjectResponse head;
    try {
      head =
          calls.quick(
              "read " + key,
              "s3:GetObject",
              client ->
                  client.headObject(request -> request.bucket(calls.bucket()).key(key.value())));
    } catch (StoreException e) {
      throw e.after(
          key
              + " was written, but could not be read again; if the image was published before, pulls report damage until you push it again");
    }
    long size = sizes.values().stream().mapToLong(Long::longValue).sum();
    boolean ours = Objects.equals(head.contentLength(), size);
    return S3Calls.token(ours ? head.eTag() : told, key);
  }

  private static CompletedPart part(int number, ETag etag) {
    return CompletedPart.builder().partNumber(number).eTag(S3Calls.quoted(etag)).build();
  }

  /** An upload that is gone is complete, or somebody has aborted it: the store does not tell. */
  private StoreException unknown(StoreException failure) {
    return switch (failure.kind()) {
      case NOT_FOUND, UNAVAILABLE ->
          new StoreException(
                  StoreException.Kind.UNAVAILABLE, String.valueOf(failure.getMessage()), failure)
              .after(
                  key
                      + " may have been written; if the image was published before, pulls report damage until you push it again");
      default -> failure;
    };
  }

  /**
   * After a lost answer the upload may be gone because it is complete: then the object has the
   * token that S3 makes of the parts' tokens.
   */
  private Optional<String> ownWork(StoreException failure) {
    if (failure.kind() != StoreException.Kind.NOT_FOUND
        && failure.kind() != StoreException.Kind.UNAVAILABLE) {
      return Optional.empty();
    }
    try {
      return Optional.of(
              calls
                  .clients()
                  .quick()
                  .headObject(request -> request.bucket(calls.bucket()).key(key.value()))
                  .eTag())
          .filter(etag -> new ETag(etag).value().equals(expectedEtag()));
    } catch (SdkException e) {
      failure.addSuppressed(e);
      return Optional.empty();
    }
  }

  /** MD5 of the parts' MD5s, a dash, and how many they are; empty where a token is no MD5. */
  private String expectedEtag() {
    try {
      MessageDigest digest = MessageDigest.getInstance("MD5");
      for (ETag part : etags.values()) {
        digest.update(HexFormat.of().parseHex(part.value()));
      }
      return HexFormat.of().formatHex(digest.digest()) + "-" + etags.size();
    } catch (IllegalArgumentException e) {
      return "";
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has MD5", e);
    }
  }

  @Override
  public synchronized void close() {
    if (!open) {
      return;
    }
    open = false;
    try {
      calls.abort(key, uploadId);
    } catch (SdkException e) {
      // the store's lifecycle rule for unfinished uploads removes it, see docs/stores.md
    }
  }
}
