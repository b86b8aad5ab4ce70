package dev.s3dock.archive.source;

import dev.s3dock.archive.CorruptArchiveException;
import dev.s3dock.archive.FormatLimits;
import dev.s3dock.archive.oci.ImageLayout;
import dev.s3dock.image.Digest;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/** Blobs as if they were in an OCI layout. */
final class RemoteContents implements SourceContents {
  private static final int BUFFER = 256 << 10;

  private final RemoteBlobs blobs;
  private final byte[] index;
  private final String name;
  private final LayerSink sink;

  RemoteContents(RemoteBlobs blobs, byte[] index, String name, LayerSink sink) {
    this.blobs = blobs;
    this.index = index;
    this.name = name;
    this.sink = sink;
  }

  @Override
  public Optional<byte[]> document(String path) throws IOException {
    if (path.equals(ImageLayout.INDEX)) {
      return Optional.of(index.clone());
    }
    Optional<Digest> digest = EntryName.promisedDigest(path);
    if (digest.isEmpty()) {
      return Optional.empty();
    }
    Optional<byte[]> document = blobs.document(digest.get());
    if (document.isPresent()) {
      if (document.get().length > FormatLimits.MAX_DOCUMENT_BYTES) {
        throw new CorruptArchiveException(
            "%s: %s is larger than a document may be: %d bytes"
                .formatted(name, digest.get(), FormatLimits.MAX_DOCUMENT_BYTES));
      }
      verify(digest.get(), Digest.of(document.get()));
    }
    return document;
  }

  @Override
  public Optional<Blob> layer(String path) throws IOException {
    Optional<Digest> digest = EntryName.promisedDigest(path);
    Optional<RemoteBlobs.Layer> layer =
        digest.isPresent() ? blobs.layer(digest.get()) : Optional.empty();
    if (layer.isEmpty()) {
      return Optional.empty();
    }
    try (InputStream in = layer.get().content()) {
      Expansion expansion = new Expansion();
      Blob blob =
          Blob.read(
              new BufferedInputStream(expansion.source(in), BUFFER),
              layer.get().size(),
              "%s: layer %s".formatted(name, digest.get()),
              sink,
              expansion.level());
      verify(digest.get(), blob.stored());
      return Optional.of(blob);
    }
  }

  private void verify(Digest promised, Digest found) throws CorruptArchiveException {
    if (!promised.equals(found)) {
      throw new CorruptArchiveException(
          "%s: what was sent for %s has the digest %s; nothing of it was used"
              .formatted(name, promised, found));
    }
  }

  @Override
  public String name() {
    return name;
  }
}
