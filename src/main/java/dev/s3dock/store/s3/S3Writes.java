package dev.s3dock.store.s3;

import dev.s3dock.store.ETag;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.Precondition;
import dev.s3dock.store.StoreException;
import dev.s3dock.store.StoreException.Kind;
import java.util.Arrays;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** Writes of small objects, and what makes their preconditions dependable. */
final class S3Writes {
  private static final String PERMISSION = "s3:PutObject";
  private static final String PROBES = S3ObjectStore.PROBES;
  private static final ETag NO_STATE = new ETag("00000000000000000000000000000000");

  private final S3Calls calls;
  private final ConditionalWrites mode;
  private final ProbeCache cache;
  private final String storeName;
  private boolean proven;

  S3Writes(S3Calls calls, S3Settings settings) {
    this.calls = calls;
    this.mode = settings.conditionalWrites();
    this.cache = new ProbeCache(settings.probeCache());
    this.storeName = settings.endpoint().map(Object::toString).orElse("") + " " + calls.bucket();
    this.proven = calls.clients().address().isAmazon();
  }

  ETag put(ObjectKey key, byte[] content, Precondition precondition) {
    if (precondition instanceof Precondition.None) {
      return calls.quick("write " + key, PERMISSION, client -> send(key, content, precondition));
    }
    if (mode == ConditionalWrites.OFF) {
      return lookThenPut(key, content, precondition);
    }
    requirePreconditions();
    return putIf(key, content, precondition);
  }

  private ETag send(ObjectKey key, byte[] content, Precondition precondition) {
    PutObjectRequest.Builder request =
        PutObjectRequest.builder()
            .bucket(calls.bucket())
            .key(key.value())
            .contentType(S3Calls.contentType(key));
    switch (precondition) {
      case Precondition.None() -> {}
      case Precondition.IfAbsent() -> request.ifNoneMatch("*");
      case Precondition.IfMatch(ETag etag) -> request.ifMatch(S3Calls.quoted(etag));
    }
    String etag =
        S3Calls.whole(
            () ->
                calls
                    .clients()
                    .quick()
                    .putObject(request.build(), S3Calls.body(content, 0, content.length))
                    .eTag());
    return S3Calls.token(etag, key);
  }

  private ETag putIf(ObjectKey key, byte[] content, Precondition precondition) {
    try {
      return send(key, content, precondition);
    } catch (NoSuchKeyException e) {
      throw changed(key, e); // If-Match where nothing is
    } catch (SdkException e) {
      StoreException failure = calls.errors().translate(e, "write " + key, PERMISSION);
      boolean retried = e.numAttempts() != null && e.numAttempts() > 1;
      if (failure.kind() == Kind.UNAVAILABLE
          || (failure.kind() == Kind.PRECONDITION_FAILED && retried)) {
        return ownWork(key, content, failure).orElseThrow(() -> failure);
      }
      throw failure;
    }
  }

  /** After a try whose answer was lost: has it taken effect all the same? */
  private Optional<ETag> ownWork(ObjectKey key, byte[] content, StoreException failure) {
    boolean interrupted = Thread.interrupted(); // the SDK sends nothing for an interrupted thread
    try {
      var found =
          S3Calls.whole(
              () ->
                  calls
                      .clients()
                      .quick()
                      .getObjectAsBytes(
                          request -> request.bucket(calls.bucket()).key(key.value())));
      return Arrays.equals(found.asByteArrayUnsafe(), content)
          ? Optional.of(S3Calls.token(found.response().eTag(), key))
          : Optional.empty();
    } catch (SdkException e) {
      failure.addSuppressed(e);
      return Optional.empty();
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** The best there is on a store that ignores preconditions. */
  private ETag lookThenPut(ObjectKey key, byte[] content, Precondition precondition) {
    Optional<ETag> state = state(key);
    boolean holds =
        switch (precondition) {
          case Precondition.None() -> true;
          case Precondition.IfAbsent() -> state.isEmpty();
          case Precondition.IfMatch(ETag etag) -> state.equals(Optional.of(etag));
        };
    if (!holds) {
      throw changed(key, null);
    }
    return put(key, content, Precondition.none());
  }

  private Optional<ETag> state(ObjectKey key) {
    return calls.quick(
        "read " + key,
        "s3:GetObject",
        client -> {
          try {
            return Optional.of(
                new ETag(
                    client
                        .headObject(request -> request.bucket(calls.bucket()).key(key.value()))
                        .eTag()));
          } catch (NoSuchKeyException e) {
            return Optional.empty();
          }
        });
  }

  private static StoreException changed(ObjectKey key, @Nullable Throwable cause) {
    String message = key + " is not in the expected state: someone has changed it";
    return cause == null
        ? new StoreException(Kind.PRECONDITION_FAILED, message)
        : new StoreException(Kind.PRECONDITION_FAILED, message, cause);
  }

  private synchronized void requirePreconditions() {
    if (!proven && !cache.knows(storeName)) {
      if (!probe()) {
        throw new StoreException(
            Kind.NO_PRECONDITIONS,
            "the store of s3://%s ignores the preconditions of writes, so two users could overwrite each other; use another store, or accept that with \"conditional_writes\": \"off\" in the profile"
                .formatted(calls.bucket()));
      }
      cache.add(storeName);
    }
    proven = true;
  }

  /** Tries both preconditions on an object of its own. */
  private boolean probe() {
    ObjectKey key = new ObjectKey(PROBES + UUID.randomUUID());
    return calls.quick(
        "try conditional writes with " + key,
        "s3:PutObject and s3:DeleteObject on " + PROBES + "*",
        client -> {
          send(key, new byte[] {1}, Precondition.none());
          try {
            return refuses(key, Precondition.ifAbsent())
                && refuses(key, Precondition.ifMatch(NO_STATE));
          } finally {
            client.deleteObject(request -> request.bucket(calls.bucket()).key(key.value()));
          }
        });
  }

  private boolean refuses(ObjectKey key, Precondition precondition) {
    try {
      send(key, new byte[] {2}, precondition);
      return false;
    } catch (S3Exception e) {
      if (e.statusCode() == 400 || e.statusCode() == 501) {
        return false; // does not know the header
      }
      if (e.statusCode() == 412 || S3Errors.isConflict(e)) {
        return true;
      }
      throw e;
    }
  }
}
