package dev.s3dock.transfer.push;

import dev.s3dock.archive.write.ChunkIndex.Place;
import dev.s3dock.image.Digest;
import dev.s3dock.store.ETag;
import java.util.Optional;
import java.util.concurrent.Future;

/** A part that was made before its place in the archive was certain. */
sealed interface UploadedPart {
  /** In the upload, from 1. */
  int number();

  /**
   * Bytes of the first base.
   *
   * @param token of the part, none if the store would not copy it
   */
  record Copied(int number, Place from, long length, Future<Optional<ETag>> token)
      implements UploadedPart {}

  /**
   * Bytes of a packed layer.
   *
   * @param offset in the layer
   */
  record Sent(int number, Digest diffId, long offset, long length) implements UploadedPart {}
}
