package dev.s3dock.store.s3;

import dev.s3dock.store.ByteRange;
import dev.s3dock.store.ETag;
import dev.s3dock.store.MultipartUpload;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.ObjectStat;
import dev.s3dock.store.ObjectStore;
import dev.s3dock.store.Precondition;
import dev.s3dock.store.RequestListener;
import dev.s3dock.store.Reread;
import dev.s3dock.store.StoreCapabilities;
import dev.s3dock.store.StoreException;
import dev.s3dock.store.StoreException.Kind;
import dev.s3dock.store.StoredObject;
import dev.s3dock.store.UnfinishedUpload;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.exception.RetryableException;
import software.amazon.awssdk.http.AbortableInputStream;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** A bucket as a store. Opening it does nothing; the first request makes the client. */
public final class S3ObjectStore implements ObjectStore {
  /** Below this, a store away from Amazon is tried, once; see {@link S3Compatibility}. */
  public static final String PROBES = ".s3dock/probe/";

  private static final String GET = "s3:GetObject";
  private static final int PAGE = 1000;
  private static final int NOT_MODIFIED = 304;

  private final S3Calls calls;
  private final S3Compatibility trials;
  private final S3Sources sources;
  private final S3Writes writes;
  private final S3Copy copies;
  private final S3Listing listing;
  private final S3Uploads uploads;
  private volatile boolean bucketSeen;

  S3ObjectStore(S3Settings settings, Tuning tuning) {
    this(settings, tuning, RequestListener.NONE);
  }

  private S3ObjectStore(S3Settings settings, Tuning tuning, RequestListener listener) {
    this.calls =
        new S3Calls(
            settings.bucket(),
            new S3Clients(settings, tuning.timeouts(), listener),
            new S3Errors(settings));
    this.trials = new S3Compatibility(calls, settings);
    this.sources = new S3Sources(calls, trials);
    this.writes = new S3Writes(calls, trials, settings.conditionalWrites());
    this.copies = new S3Copy(calls, sources, tuning.largestCopy(), tuning.copyPart());
    this.listing = new S3Listing(calls, tuning.pageSize());
    this.uploads = new S3Uploads(calls, tuning.pageSize());
  }

  /** What tests make small. */
  record Tuning(S3Clients.Timeouts timeouts, int pageSize, long largestCopy, long copyPart) {
    static final Tuning DEFAULT =
        new Tuning(S3Clients.Timeouts.DEFAULT, PAGE, S3Copy.LARGEST, S3Copy.PART);
  }

  /** Opens a bucket; whether it is there shows with the first request. */
  public static S3ObjectStore open(S3Settings settings) {
    return open(settings, RequestListener.NONE);
  }

  /** The same; the listener hears of every request. */
  public static S3ObjectStore open(S3Settings settings, RequestListener listener) {
    return new S3ObjectStore(settings, Tuning.DEFAULT, listener);
  }

  /** Asks the bucket for what an examination wants to know, with this store's clients. */
  public StoreCapabilities probe() {
    return new S3Capabilities(calls);
  }

  @Override
  public Optional<ObjectStat> head(ObjectKey key) {
    String doing = "read " + key;
    Optional<HeadObjectResponse> found =
        calls.quick(
            doing,
            GET,
            client -> {
              try {
                return Optional.of(
                    client.headObject(request -> request.bucket(calls.bucket()).key(key.value())));
              } catch (NoSuchKeyException e) {
                return Optional.empty();
              }
            });
    if (found.isEmpty()) {
      requireBucket(doing);
    }
    bucketSeen = true;
    return found.map(
        head ->
            new ObjectStat(
                key,
                Objects.requireNonNullElse(head.contentLength(), 0L),
                S3Calls.token(head.eTag(), key),
                head.lastModified()));
  }

  /** The answer to a HEAD does not tell a missing object from a missing bucket. */
  private void requireBucket(String doing) {
    if (bucketSeen) {
      return;
    }
    boolean missing =
        calls.quick(
            doing,
            "s3:ListBucket",
            client -> {
              try {
                client.headBucket(request -> request.bucket(calls.bucket()));
                return false;
              } catch (S3Exception e) {
                return e.statusCode() == 404;
              }
            });
    if (missing) {
      throw calls.errors().noBucket("cannot " + doing + " in " + describe() + ": ", null);
    }
  }

  @Override
  public Optional<StoredObject> get(ObjectKey key, int limit) {
    return calls
        .quick(
            "read " + key,
            GET,
            client -> {
              try {
                return Optional.of(
                    client.getObject(
                        request -> request.bucket(calls.bucket()).key(key.value()),
                        (response, in) -> readWhole(key, response, in, limit)));
              } catch (NoSuchKeyException e) {
                return Optional.<Optional<StoredObject>>empty();
              }
            })
        .map(object -> object.orElseThrow(() -> tooLarge(key, limit)));
  }

  @Override
  public Reread reread(ObjectKey key, int limit, ETag known) {
    return calls
        .quick(
            "read " + key,
            GET,
            client -> {
              try {
                return client
                    .getObject(
                        request ->
                            request
                                .bucket(calls.bucket())
                                .key(key.value())
                                .ifNoneMatch(S3Calls.quoted(known)),
                        (response, in) -> readWhole(key, response, in, limit))
                    .map(object -> changed(known, object));
              } catch (NoSuchKeyException e) {
                return Optional.<Reread>of(new Reread.Gone());
              } catch (S3Exception e) {
                if (e.statusCode() == NOT_MODIFIED) {
                  return Optional.<Reread>of(new Reread.Same());
                }
                throw e;
              }
            })
        .orElseThrow(() -> tooLarge(key, limit));
  }

  /** A store may pass over the condition. */
  private static Reread changed(ETag known, StoredObject object) {
    return object.etag().equals(known) ? new Reread.Same() : new Reread.Other(object);
  }

  /** Empty if there are more bytes than the limit. */
  private static Optional<StoredObject> readWhole(
      ObjectKey key, GetObjectResponse response, AbortableInputStream in, int limit) {
    Long length = response.contentLength();
    if (length != null && length > limit) {
      in.abort();
      return Optional.empty();
    }
    try {
      byte[] content = in.readNBytes(Math.min(limit, Integer.MAX_VALUE - 8) + 1);
      if (content.length > limit) {
        in.abort();
        return Optional.empty();
      }
      if (length != null && content.length < length) {
        throw RetryableException.create("the answer ended early");
      }
      return Optional.of(new StoredObject(key, content, new ETag(response.eTag())));
    } catch (IOException e) {
      throw RetryableException.create("the answer ended early", e);
    }
  }

  private static StoreException tooLarge(ObjectKey key, int limit) {
    return new StoreException(
        Kind.TOO_LARGE, key + " has more than the " + limit + " bytes allowed for its kind");
  }

  @Override
  public InputStream read(ObjectKey key, ByteRange range, ETag etag) {
    GetObjectRequest request =
        GetObjectRequest.builder()
            .bucket(calls.bucket())
            .key(key.value())
            .range("bytes=" + range.offset() + "-" + (range.end() - 1))
            .ifMatch(S3Calls.quoted(etag))
            .build();
    ResponseInputStream<GetObjectResponse> in =
        calls.range("read " + key, GET, client -> client.getObject(request));
    Long length = in.response().contentLength();
    if (!S3Calls.token(in.response().eTag(), key).equals(etag)) {
      in.abort();
      throw new StoreException(Kind.PRECONDITION_FAILED, key + " has changed meanwhile");
    }
    if (length != null && length != range.length()) {
      in.abort();
      throw new StoreException(
          Kind.FAILED,
          "the store sends %d bytes of %s, not the %d asked for"
              .formatted(length, key, range.length()));
    }
    return new ExactStream(in, range.length(), key.value());
  }

  @Override
  public ETag put(ObjectKey key, byte[] content, Precondition precondition) {
    return writes.put(key, content, precondition);
  }

  @Override
  public MultipartUpload startUpload(ObjectKey key) {
    return new S3Upload(calls, sources, key);
  }

  @Override
  public boolean leavesPartsOut() {
    return trials.uploads().leavesPartsOut();
  }

  @Override
  public ETag copy(ObjectStat from, ObjectKey to) {
    return copies.copy(from, to);
  }

  @Override
  public boolean canCopyFrom(ObjectStore other, ObjectStat object) {
    return other instanceof S3ObjectStore s3 && copies.canTakeFrom(s3.copies, object);
  }

  @Override
  public ETag copyFrom(ObjectStore other, ObjectStat from, ObjectKey to) {
    if (other instanceof S3ObjectStore s3 && copies.canTakeFrom(s3.copies, from)) {
      return copies.copyFrom(s3.copies, from, to);
    }
    return ObjectStore.super.copyFrom(other, from, to);
  }

  @Override
  public void delete(ObjectKey key) {
    calls.quick(
        "delete " + key,
        "s3:DeleteObject",
        client -> {
          try {
            client.deleteObject(request -> request.bucket(calls.bucket()).key(key.value()));
          } catch (NoSuchKeyException e) {
            // no error: it is gone
          }
          return key;
        });
  }

  @Override
  public Stream<UnfinishedUpload> unfinishedUploads(String prefix) {
    return uploads.below(prefix);
  }

  @Override
  public void abort(UnfinishedUpload upload) {
    uploads.abort(upload);
  }

  @Override
  public Stream<ObjectStat> list(String prefix) {
    return listing.objects(prefix);
  }

  @Override
  public Stream<String> listFolders(String prefix) {
    if (!prefix.isEmpty() && !prefix.endsWith("/")) {
      throw new IllegalArgumentException("a prefix of folders ends in a slash: " + prefix);
    }
    return listing.folders(prefix);
  }

  @Override
  public String describe() {
    return "s3://" + calls.bucket();
  }

  @Override
  public void close() {
    calls.clients().close();
  }
}
