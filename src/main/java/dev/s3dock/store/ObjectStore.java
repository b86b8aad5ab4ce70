package dev.s3dock.store;

import java.io.InputStream;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Objects under keys, as Amazon S3 offers them. Reads see every write that has returned. All
 * methods throw {@link StoreException}; adapters retry what is retryable before they do.
 *
 * <p>It offers no rename, no locks, no partial writes, and no directories beyond the common
 * prefixes of a listing. Conditions are promised for {@link #put} alone, since real stores differ
 * on the others.
 */
public interface ObjectStore extends AutoCloseable {
  /** Size and token of an object; empty if there is none. */
  Optional<ObjectStat> head(ObjectKey key);

  /**
   * Reads a small object whole.
   *
   * @param limit most bytes taken; a larger object is {@link StoreException.Kind#TOO_LARGE}, and
   *     its bytes are not read
   * @return empty if there is none
   */
  Optional<StoredObject> get(ObjectKey key, int limit);

  /**
   * Reads a small object whole, unless it is still in a state that the caller knows; then nothing
   * of it is sent where the store can leave that out ({@code If-None-Match}).
   *
   * @param limit as for {@link #get}
   */
  default Reread reread(ObjectKey key, int limit, ETag known) {
    return get(key, limit)
        .<Reread>map(
            object -> object.etag().equals(known) ? new Reread.Same() : new Reread.Other(object))
        .orElseGet(Reread.Gone::new);
  }

  /**
   * Opens a run of bytes of one state of an object. Not retried here: the stream may break as well,
   * so whoever reads it has to begin again in either case.
   *
   * @param etag the state; if the object has another one by now, {@link
   *     StoreException.Kind#PRECONDITION_FAILED}
   * @return a stream of exactly {@code range.length()} bytes; its {@code read} throws an {@link
   *     java.io.IOException} when the connection breaks or the bytes end early
   */
  InputStream read(ObjectKey key, ByteRange range, ETag etag);

  /**
   * Writes a small object, all or nothing, if the precondition holds. After a try whose answer was
   * lost the adapter finds out whether that try had taken effect, and reports success if so.
   *
   * @return the token of the new state
   * @throws StoreException {@link StoreException.Kind#PRECONDITION_FAILED} if the object's state is
   *     another one; {@link StoreException.Kind#NO_PRECONDITIONS} if the store is known to ignore
   *     preconditions and the configuration does not allow that
   */
  ETag put(ObjectKey key, byte[] content, Precondition precondition);

  /** Starts a large object, see {@link MultipartUpload}. */
  MultipartUpload startUpload(ObjectKey key);

  /**
   * True if an upload may end without parts that are there but were {@link MultipartUpload#discard
   * discarded}. Asking may take the store a few requests, the first time.
   */
  default boolean leavesPartsOut() {
    return true;
  }

  /**
   * True if the store has work of its own with the parts of an upload, so that it is worth while to
   * give it some before the others are known.
   */
  default boolean worksAhead() {
    return true;
  }

  /**
   * Copies one state of an object inside the store, whatever its size, over what is at {@code to}.
   *
   * @throws StoreException {@link StoreException.Kind#NOT_FOUND} or {@link
   *     StoreException.Kind#PRECONDITION_FAILED} if the source is gone or has another state
   */
  ETag copy(ObjectStat from, ObjectKey to);

  /**
   * True if {@link #copyFrom} may be used for this object of another bucket: both are of one store.
   */
  default boolean canCopyFrom(ObjectStore other, ObjectStat object) {
    return false;
  }

  /**
   * Copies one state of an object of another bucket inside the store, over what is at {@code to}.
   *
   * @throws StoreException as {@link #copy}; {@link StoreException.Kind#UNSUPPORTED} where {@link
   *     #canCopyFrom} is false
   */
  default ETag copyFrom(ObjectStore other, ObjectStat from, ObjectKey to) {
    throw new StoreException(
        StoreException.Kind.UNSUPPORTED,
        "cannot copy %s from %s to %s inside the store"
            .formatted(from.key(), other.describe(), describe()));
  }

  /** Removes an object; one that is not there is no error. */
  void delete(ObjectKey key);

  /**
   * The multipart uploads below a prefix that the store knows of and that are neither complete nor
   * aborted. Fetched page by page. A store that sweeps them away by itself has none.
   *
   * @throws StoreException {@link StoreException.Kind#UNSUPPORTED} if the store does not tell
   */
  Stream<UnfinishedUpload> unfinishedUploads(String prefix);

  /** Aborts an upload, of whatever process; one that is gone is no error. */
  void abort(UnfinishedUpload upload);

  /**
   * Objects whose key starts with the prefix, in the order of the keys' UTF-8 bytes. Fetched page
   * by page as the stream is read, so memory does not grow with the bucket. Keys that {@link
   * ObjectKey#isValid} refuses are left out.
   *
   * @param prefix any text, also empty
   */
  Stream<ObjectStat> list(String prefix);

  /**
   * The names directly under a prefix that have further objects below them, without the slash: with
   * {@code images/a/1} and {@code images/b/1}, the folders of {@code images/} are {@code a} and
   * {@code b}. In order, fetched page by page.
   *
   * @param prefix empty or ending in a slash
   */
  Stream<String> listFolders(String prefix);

  /** How the user knows this store: {@code s3://bucket} or {@code file:///srv/s3dock}. */
  String describe();

  @Override
  void close();
}
