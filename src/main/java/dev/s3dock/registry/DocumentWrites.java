package dev.s3dock.registry;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.s3dock.store.ETag;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.ObjectStore;
import dev.s3dock.store.Precondition;
import dev.s3dock.store.StoreException;
import dev.s3dock.store.StoredObject;
import java.util.Arrays;
import java.util.Optional;
import java.util.UUID;

/**
 * Writes documents under a condition. A proxy may send such a request again after it has taken
 * effect, and then the client gets the answer to the second one alone: refused. So each document
 * carries a token of its write, and whoever is refused looks whether what stands there is their
 * own.
 */
public final class DocumentWrites {
  private static final String TOKEN = "write_id";

  private final ObjectStore store;

  public DocumentWrites(ObjectStore store) {
    this.store = store;
  }

  /** Puts a token of its own into what is to be written. */
  public static void sign(ObjectNode fields) {
    fields.put(TOKEN, UUID.randomUUID().toString());
  }

  /**
   * Writes a document with a token of this write.
   *
   * @return the state that it has now
   * @throws StoreException as {@link ObjectStore#put}; {@link
   *     StoreException.Kind#PRECONDITION_FAILED} only if something else stands there
   */
  public ETag put(ObjectKey key, ObjectNode document, Precondition condition) {
    ObjectNode signed = document.deepCopy();
    sign(signed);
    return putSigned(key, signed, condition);
  }

  /**
   * The same for a document that has its token in a place of its own, or that means the same
   * whoever has written it.
   */
  public ETag putSigned(ObjectKey key, ObjectNode document, Precondition condition) {
    byte[] content = Documents.write(document);
    try {
      return store.put(key, content, condition);
    } catch (StoreException e) {
      if (e.kind() != StoreException.Kind.PRECONDITION_FAILED) {
        throw e;
      }
      return own(key, content).orElseThrow(() -> e);
    }
  }

  private Optional<ETag> own(ObjectKey key, byte[] content) {
    try {
      return store
          .get(key, content.length)
          .filter(object -> Arrays.equals(object.content(), content))
          .map(StoredObject::etag);
    } catch (StoreException e) {
      if (e.kind() == StoreException.Kind.TOO_LARGE) {
        return Optional.empty();
      }
      throw e.after(
          "the write of %s was refused, as something stands there, and s3dock could not find out whether that is its own"
              .formatted(key));
    }
  }
}
