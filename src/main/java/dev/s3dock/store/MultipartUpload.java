package dev.s3dock.store;

/**
 * An object that is being written in parts. Nothing of it is visible before {@link #complete}; a
 * close without it aborts the upload, so that no part stays behind.
 *
 * <p>{@link #uploadPart} may be called from several threads at once, in any order of numbers.
 */
public interface MultipartUpload extends AutoCloseable {
  /** Smallest part but the last, in bytes (Amazon S3, "Multipart upload limits"). */
  int MIN_PART_BYTES = 5 << 20;

  /** Largest part number (Amazon S3, "Multipart upload limits"). */
  int MAX_PARTS = 10_000;

  /**
   * Uploads one part; a second upload of a number replaces the first.
   *
   * @param number 1 to {@link #MAX_PARTS}
   * @param content of {@code length} bytes from {@code offset}; not kept after the return
   * @return the store's token of the part; many stores make it the MD5 of the part's bytes, in hex
   * @throws StoreException if the store refuses it, after the adapter's own retries
   */
  ETag uploadPart(int number, byte[] content, int offset, int length);

  /**
   * Takes a run of bytes of another object as one part, inside the store; may be called as {@link
   * #uploadPart} is.
   *
   * @param from the state to copy from
   * @return the part's token, as that of one that is uploaded
   * @throws StoreException {@link StoreException.Kind#NOT_FOUND} or {@link
   *     StoreException.Kind#PRECONDITION_FAILED} if the source is gone or has another state, {@link
   *     StoreException.Kind#UNSUPPORTED} if the store cannot copy parts
   */
  ETag copyPart(int number, ObjectStat from, ByteRange range);

  /**
   * Leaves a part out of the object that was uploaded or copied; one that was not is no error. Not
   * every store can end an upload then, see {@link ObjectStore#leavesPartsOut}.
   */
  void discard(int number);

  /**
   * Makes the object visible, in the order of the part numbers, in place of what was there.
   *
   * @return the token of the new object
   */
  ETag complete();

  /** Aborts the upload unless it is complete. Failing to abort is not reported. */
  @Override
  void close();
}
