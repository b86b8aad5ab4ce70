package dev.s3dock.archive;

import dev.s3dock.image.Digest;
import dev.s3dock.image.Platform;
import java.io.Closeable;
import java.io.IOException;
import java.util.List;

/** An image ready to be stored: its archive lies in the spool, complete, until this is closed. */
@SuppressWarnings({
  "ObjectToString",
  "DoNotCallSuggester",
  "InputStreamSlowMultibyteRead"
}) // until it is written
public final class PackedImage implements Closeable {
  PackedImage() {}

  /** Digest of the image config. */
  public Digest imageId() {
    throw new UnsupportedOperationException("not yet");
  }

  /** Digest of the archive's OCI manifest: the image ID in a containerd image store. */
  public Digest manifestDigest() {
    throw new UnsupportedOperationException("not yet");
  }

  public Platform platform() {
    throw new UnsupportedOperationException("not yet");
  }

  /** Digests of the layers from the base up; a repeated layer appears again. */
  public List<Digest> diffIds() {
    throw new UnsupportedOperationException("not yet");
  }

  /** Bytes of the archive, exactly. */
  public long size() {
    throw new UnsupportedOperationException("not yet");
  }

  /** Bytes of all distinct layers, uncompressed. */
  public long rawSize() {
    throw new UnsupportedOperationException("not yet");
  }

  /** Opens the archive from its start; may be called again, for another try. */
  public ArchiveInput open() throws IOException {
    throw new UnsupportedOperationException("not yet");
  }

  /** Removes the spool. */
  @Override
  public void close() {}
}
