package dev.s3dock.archive.source;

import dev.s3dock.image.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/** Where blobs come from that are fetched one by one. */
public interface RemoteBlobs {
  /** A manifest, an index or an image config; empty if there is none of this digest. */
  Optional<byte[]> document(Digest digest) throws IOException;

  /**
   * A layer; its bytes are verified by who reads it.
   *
   * @return closed by the caller; empty if there is none of this digest
   */
  Optional<Layer> layer(Digest digest) throws IOException;

  /**
   * A layer on its way.
   *
   * @param size bytes that are to come
   */
  record Layer(InputStream content, long size) {}
}
