package dev.s3dock.store.s3;

import dev.s3dock.store.ObjectStat;
import dev.s3dock.store.StoreException;
import dev.s3dock.store.StoreException.Kind;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;

/** What copies are taken from, where the store itself may not look at the state of it. */
record S3Sources(S3Calls calls, S3Compatibility trials) {
  /**
   * Makes sure that the source of a whole copy has its state, at Amazon by the condition of the
   * copy alone. Right after a copy this shows that the copy has been taken from that state, since
   * no state comes back.
   *
   * @param doing what the copy is for, such as {@code copy a to b}
   * @throws StoreException {@link Kind#NOT_FOUND} or {@link Kind#PRECONDITION_FAILED} if not
   */
  void require(ObjectStat from, String doing) {
    if (!calls.clients().address().isAmazon()) {
      look(from, doing);
    }
  }

  /** The same right after a part was copied, of which there are many: only where it has to be. */
  void requireAfterPart(ObjectStat from, String doing) {
    if (!trials.uploads().looksAtSources()) {
      look(from, doing);
    }
  }

  private void look(ObjectStat from, String doing) {
    String etag =
        calls.quick(
            doing,
            "s3:GetObject",
            client -> {
              try {
                return client
                    .headObject(request -> request.bucket(calls.bucket()).key(from.key().value()))
                    .eTag();
              } catch (NoSuchKeyException e) {
                throw new StoreException(
                    Kind.NOT_FOUND, "cannot " + doing + ": " + from.key() + " is gone", e);
              }
            });
    if (!S3Calls.token(etag, from.key()).equals(from.etag())) {
      throw new StoreException(
          Kind.PRECONDITION_FAILED,
          "cannot %s: %s is not in the expected state: someone has changed it"
              .formatted(doing, from.key()));
    }
  }
}
