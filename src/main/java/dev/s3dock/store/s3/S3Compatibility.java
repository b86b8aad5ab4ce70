package dev.s3dock.store.s3;

import dev.s3dock.store.ETag;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.StoreException;
import dev.s3dock.store.StoreException.Kind;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * What a store away from Amazon does otherwise than S3: found once, with objects of its own below
 * {@link S3ObjectStore#PROBES}, and remembered. See docs/stores.md for which store does what.
 */
final class S3Compatibility {
  private static final String PROBES = S3ObjectStore.PROBES;
  static final String PERMISSION =
      "s3:PutObject, s3:GetObject and s3:DeleteObject on " + PROBES + "*";
  private static final Set<Integer> NOT_OFFERED = Set.of(400, 405, 411, 501);
  static final ETag NO_STATE = new ETag("00000000000000000000000000000000");

  private final S3Calls calls;
  private final CompatibilityCache cache;
  private final String storeName;
  private final ReentrantLock turn = new ReentrantLock();
  private Optional<TokenForm> tokens = Optional.empty();
  private Optional<Uploads> uploads = Optional.empty();

  S3Compatibility(S3Calls calls, S3Settings settings) {
    this.calls = calls;
    this.cache = new CompatibilityCache(settings.probeCache());
    this.storeName = settings.endpoint().map(Object::toString).orElse("") + " " + calls.bucket();
    if (calls.clients().address().isAmazon()) {
      tokens = Optional.of(TokenForm.QUOTED);
      uploads = Optional.of(Uploads.OF_S3);
    }
  }

  /** How a store wants the token in the If-Match of a write. */
  enum TokenForm {
    /** As HTTP has it (RFC 9110, section 8.8.3). */
    QUOTED(""),
    /** Without quotation marks: Ceph 16 compares with them, so that no state ever matches. */
    BARE(" if-match:bare");

    private final String remembered;

    TokenForm(String remembered) {
      this.remembered = remembered;
    }

    String of(ETag etag) {
      return this == QUOTED ? S3Calls.quoted(etag) : etag.value();
    }
  }

  /**
   * How a store takes multipart uploads.
   *
   * @param leavesPartsOut whether the end of an upload may list fewer parts than there are
   * @param looksAtSources whether it honours the condition on the source of a copied part
   */
  record Uploads(boolean leavesPartsOut, boolean looksAtSources) {
    static final Uploads OF_S3 = new Uploads(true, true);

    private static final List<Uploads> ALL =
        List.of(
            OF_S3, new Uploads(true, false), new Uploads(false, true), new Uploads(false, false));

    private String remembered() {
      return " parts:%s sources:%s"
          .formatted(leavesPartsOut ? "some" : "all", looksAtSources ? "checked" : "unchecked");
    }
  }

  /**
   * How preconditions of writes are sent.
   *
   * @throws StoreException {@link Kind#NO_PRECONDITIONS} if the store ignores them
   */
  TokenForm preconditions() {
    return alone(
        () -> {
          TokenForm found =
              tokens
                  .or(() -> remembered(List.of(TokenForm.values()), form -> form.remembered))
                  .orElseGet(this::tryPreconditions);
          tokens = Optional.of(found);
          return found;
        });
  }

  /** What uploads can rely on; the least where it may not be tried. */
  Uploads uploads() {
    return alone(
        () -> {
          Uploads found =
              uploads
                  .or(() -> remembered(Uploads.ALL, Uploads::remembered))
                  .orElseGet(this::tryUploads);
          uploads = Optional.of(found);
          return found;
        });
  }

  /** One thread tries, the others wait for what it finds, unless they are interrupted. */
  private <T> T alone(Supplier<T> trial) {
    try {
      turn.lockInterruptibly();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StoreException(
          Kind.UNAVAILABLE, "cannot find out what the store does: interrupted", e);
    }
    try {
      return trial.get();
    } finally {
      turn.unlock();
    }
  }

  private <T> Optional<T> remembered(List<T> all, Function<T, String> words) {
    return all.stream().filter(it -> cache.knows(storeName + words.apply(it))).findFirst();
  }

  private static ObjectKey scratch() {
    return new ObjectKey(PROBES + UUID.randomUUID());
  }

  private TokenForm tryPreconditions() {
    ObjectKey key = scratch();
    TokenForm form =
        calls
            .quick(
                "try conditional writes with " + key,
                PERMISSION,
                client -> {
                  ETag state = calls.put(key, new byte[] {1}, null, null);
                  try {
                    return honoured(key, state);
                  } finally {
                    client.deleteObject(r -> r.bucket(calls.bucket()).key(key.value()));
                  }
                })
            .orElseThrow(this::noPreconditions);
    cache.add(storeName + form.remembered);
    return form;
  }

  private StoreException noPreconditions() {
    return new StoreException(
        Kind.NO_PRECONDITIONS,
        "the store of s3://%s ignores the preconditions of writes, so two users could overwrite each other; use another store, or accept that with \"conditional_writes\": \"off\" in the profile"
            .formatted(calls.bucket()));
  }

  /** In which form the store takes the right token, if it refuses what it has to refuse. */
  private Optional<TokenForm> honoured(ObjectKey key, ETag state) {
    if (!refuses(key, null, "*")) {
      return Optional.empty();
    }
    return Arrays.stream(TokenForm.values())
        .filter(form -> refuses(key, form.of(NO_STATE), null))
        .filter(form -> takes(key, form.of(state)))
        .findFirst();
  }

  /** A proxy that sends the request twice gets it refused the second time, though it was taken. */
  private boolean takes(ObjectKey key, String ifMatch) {
    byte[] content = UUID.randomUUID().toString().getBytes(StandardCharsets.US_ASCII);
    if (!isRefused(() -> calls.put(key, content, ifMatch, null))) {
      return true;
    }
    byte[] there =
        calls
            .clients()
            .quick()
            .getObjectAsBytes(request -> request.bucket(calls.bucket()).key(key.value()))
            .asByteArrayUnsafe();
    return Arrays.equals(there, content);
  }

  private boolean refuses(ObjectKey key, @Nullable String ifMatch, @Nullable String ifNoneMatch) {
    return isRefused(() -> calls.put(key, new byte[] {2}, ifMatch, ifNoneMatch));
  }

  /** True if a store refuses a request for its precondition; false if it does not look at it. */
  static boolean isRefused(Runnable request) {
    try {
      request.run();
      return false;
    } catch (S3Exception e) {
      if (e.statusCode() == 412 || S3Errors.isConflict(e)) {
        return true;
      }
      if (NOT_OFFERED.contains(e.statusCode())) {
        return false; // does not know the header, or the request
      }
      throw e;
    }
  }

  private Uploads tryUploads() {
    try {
      Uploads found = new UploadCompatibility(calls, scratch(), scratch()).run();
      cache.add(storeName + found.remembered());
      return found;
    } catch (StoreException e) {
      return new Uploads(false, false); // what is wrong shows when something is really written
    }
  }
}
