package dev.s3dock.store.s3;

import dev.s3dock.store.ETag;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.Precondition;
import dev.s3dock.store.StoreException;
import dev.s3dock.store.StoreException.Kind;
import dev.s3dock.store.s3.S3Compatibility.TokenForm;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;

/** Writes of small objects, whose preconditions can be depended on. */
final class S3Writes {
  private static final String PERMISSION = "s3:PutObject";

  private final S3Calls calls;
  private final S3Compatibility trials;
  private final ConditionalWrites mode;

  S3Writes(S3Calls calls, S3Compatibility trials, ConditionalWrites mode) {
    this.calls = calls;
    this.trials = trials;
    this.mode = mode;
  }

  ETag put(ObjectKey key, byte[] content, Precondition precondition) {
    if (precondition instanceof Precondition.None) {
      return calls.quick(
          "write " + key, PERMISSION, client -> send(key, content, precondition, TokenForm.QUOTED));
    }
    if (mode == ConditionalWrites.OFF) {
      return lookThenPut(key, content, precondition);
    }
    return putIf(key, content, precondition, trials.preconditions());
  }

  private ETag send(ObjectKey key, byte[] content, Precondition precondition, TokenForm form) {
    return switch (precondition) {
      case Precondition.None() -> calls.put(key, content, null, null);
      case Precondition.IfAbsent() -> calls.put(key, content, null, "*");
      case Precondition.IfMatch(ETag etag) -> calls.put(key, content, form.of(etag), null);
    };
  }

  private ETag putIf(ObjectKey key, byte[] content, Precondition precondition, TokenForm form) {
    try {
      return send(key, content, precondition, form);
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
    try {
      var found =
          S3Calls.uninterrupted(
              () ->
                  S3Calls.whole(
                      () ->
                          calls
                              .clients()
                              .quick()
                              .getObjectAsBytes(
                                  request -> request.bucket(calls.bucket()).key(key.value()))));
      return Arrays.equals(found.asByteArrayUnsafe(), content)
          ? Optional.of(S3Calls.token(found.response().eTag(), key))
          : Optional.empty();
    } catch (SdkException e) {
      failure.addSuppressed(e);
      return Optional.empty();
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
}
