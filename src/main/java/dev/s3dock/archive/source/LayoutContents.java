package dev.s3dock.archive.source;

import dev.s3dock.archive.CorruptArchiveException;
import dev.s3dock.archive.FormatLimits;
import dev.s3dock.image.Digest;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** An OCI layout folder. Only the files that the chosen image needs are read. */
final class LayoutContents implements SourceContents {
  private final Path directory;
  private final LayerSink sink;

  LayoutContents(Path directory, LayerSink sink) {
    this.directory = directory;
    this.sink = sink;
  }

  @Override
  public Optional<byte[]> document(String path) throws IOException {
    Optional<Path> file = file(path);
    if (file.isEmpty()) {
      return Optional.empty();
    }
    try (InputStream in = Files.newInputStream(file.get())) {
      byte[] bytes = in.readNBytes(FormatLimits.MAX_DOCUMENT_BYTES + 1);
      if (bytes.length > FormatLimits.MAX_DOCUMENT_BYTES) {
        throw new CorruptArchiveException(
            file.get()
                + " is larger than a document may be: "
                + FormatLimits.MAX_DOCUMENT_BYTES
                + " bytes");
      }
      verify(path, Digest.of(bytes));
      return Optional.of(bytes);
    }
  }

  @Override
  public Optional<Blob> layer(String path) throws IOException {
    Optional<Path> file = file(path);
    if (file.isEmpty()) {
      return Optional.empty();
    }
    try (InputStream in = Files.newInputStream(file.get())) {
      Expansion expansion = new Expansion();
      Blob blob =
          Blob.read(
              new BufferedInputStream(expansion.source(in), 256 << 10),
              Files.size(file.get()),
              file.get().toString(),
              sink,
              expansion.level());
      verify(path, blob.stored());
      return Optional.of(blob);
    }
  }

  private Optional<Path> file(String path) throws CorruptArchiveException {
    Path file = directory.resolve(EntryName.of(path, name()));
    return Files.isRegularFile(file) ? Optional.of(file) : Optional.empty();
  }

  private void verify(String path, Digest digest) throws CorruptArchiveException {
    Optional<Digest> promised = EntryName.promisedDigest(path);
    if (promised.isPresent() && !promised.get().equals(digest)) {
      throw new CorruptArchiveException(
          "%s: the content of %s has the digest %s".formatted(directory, path, digest));
    }
  }

  @Override
  public String name() {
    return directory.toString();
  }
}
