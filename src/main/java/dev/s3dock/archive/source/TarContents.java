package dev.s3dock.archive.source;

import dev.s3dock.archive.BlockInputStream;
import dev.s3dock.archive.CanonicalTar;
import dev.s3dock.archive.CorruptArchiveException;
import dev.s3dock.archive.FormatLimits;
import dev.s3dock.archive.HashingInputStream;
import dev.s3dock.image.Digest;
import dev.s3dock.image.Printable;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.jspecify.annotations.Nullable;

/**
 * A docker-archive or OCI archive, read once from a stream. What looks like a JSON document is kept
 * in memory, everything else is taken to be a layer and given to the sink.
 *
 * <p>Takes at most {@value #MAX_ENTRIES} entries and keeps at most {@value #MAX_KEPT} bytes of
 * documents; of documents beyond that, or larger than {@link FormatLimits#MAX_DOCUMENT_BYTES}, it
 * keeps none, which matters only if the image needs them.
 */
final class TarContents implements SourceContents {
  static final int MAX_ENTRIES = 20_000;
  static final int MAX_KEPT = 48 << 20;

  private final String name;
  private final LayerSink sink;
  private final Map<String, byte[]> documents = new HashMap<>();
  private final Map<String, Blob> layers = new HashMap<>();
  private final Map<String, String> links = new HashMap<>();
  private final Map<String, Long> tooLarge = new HashMap<>();
  private final Expansion.Level layersLevel;
  private int kept;

  private TarContents(String name, LayerSink sink, Expansion.Level layersLevel) {
    this.name = name;
    this.sink = sink;
    this.layersLevel = layersLevel;
  }

  /** Reads a tar, perhaps compressed, to the end of the stream. */
  static TarContents read(InputStream stream, String name, LayerSink sink) throws IOException {
    Expansion expansion = new Expansion();
    BufferedInputStream buffered = new BufferedInputStream(expansion.source(stream), 256 << 10);
    TarContents contents = new TarContents(name, sink, expansion.level());
    Encoding encoding = Encoding.detect(buffered);
    if (encoding == Encoding.NONE) {
      Encoding.requireRead(buffered, name);
      contents.readTar(buffered);
    } else {
      try (InputStream tar = encoding.decode(buffered, name, expansion.level())) {
        contents.readTar(new BufferedInputStream(tar, 256 << 10));
      }
    }
    return contents;
  }

  private void readTar(InputStream stream) throws IOException {
    GuardedInput guard = new GuardedInput(stream, name, GuardedInput.HEADER_BYTES);
    TarArchiveInputStream tar = new TarArchiveInputStream(guard, "UTF-8");
    for (int entries = 0; ; entries++) {
      TarArchiveEntry entry = nextEntry(guard, tar);
      if (entry == null) {
        stream.transferTo(OutputStream.nullOutputStream());
        return;
      }
      if (entries == MAX_ENTRIES) {
        throw new CorruptArchiveException(name + " has more than " + MAX_ENTRIES + " entries");
      }
      take(entry, new EntryInput(guard, tar));
    }
  }

  @SuppressWarnings("NullAway") // the library returns null at the end
  private static @Nullable TarArchiveEntry nextEntry(GuardedInput guard, TarArchiveInputStream tar)
      throws IOException {
    return guard.decode(tar::getNextEntry);
  }

  private void take(TarArchiveEntry entry, InputStream content) throws IOException {
    if (entry.isDirectory()) {
      return;
    }
    String path = EntryName.of(entry.getName(), name);
    if (entry.isSymbolicLink() || entry.isLink()) {
      link(path, entry);
    } else if (isRegular(entry)) {
      file(path, entry.getSize(), content);
    } else {
      throw new CorruptArchiveException(
          "%s: the entry '%s' is a device, a pipe or a sparse file, which no image archive holds"
              .formatted(name, Printable.of(path)));
    }
  }

  private static boolean isRegular(TarArchiveEntry entry) {
    return switch (entry.getLinkFlag()) {
      case TarConstants.LF_NORMAL, TarConstants.LF_OLDNORM, TarConstants.LF_CONTIG ->
          !entry.isSparse();
      default -> false;
    };
  }

  private void link(String path, TarArchiveEntry entry) throws CorruptArchiveException {
    String target =
        entry.isLink()
            ? EntryName.of(entry.getLinkName(), name)
            : EntryName.ofLink(path, entry.getLinkName(), name);
    String before = links.put(path, target);
    if (exists(path) || (before != null && !before.equals(target))) {
      throw twice(path);
    }
  }

  private void file(String path, long size, InputStream content) throws IOException {
    if (path.equals("VERSION") || path.endsWith("/VERSION")) {
      return; // "1.0", beside each layer of the oldest form
    }
    BufferedInputStream buffered = new BufferedInputStream(content, 128 << 10);
    byte[] start = Encoding.peek(buffered, 512);
    if (links.containsKey(path)) {
      throw twice(path);
    }
    if (looksLikeJson(start)) {
      document(path, buffered);
    } else {
      layer(path, size, buffered);
    }
  }

  private void document(String path, BufferedInputStream content) throws IOException {
    HashingInputStream hashed = new HashingInputStream(content);
    byte[] bytes = hashed.readNBytes(Math.min(FormatLimits.MAX_DOCUMENT_BYTES, MAX_KEPT - kept));
    Digest digest = hashed.finish();
    verify(path, digest);
    if (hashed.count() > bytes.length) {
      tooLarge.put(path, hashed.count());
      return;
    }
    byte[] before = documents.put(path, bytes);
    if (layers.containsKey(path) || (before != null && !Digest.of(before).equals(digest))) {
      throw twice(path);
    }
    kept += before == null ? bytes.length : 0;
  }

  private void layer(String path, long size, BufferedInputStream content) throws IOException {
    Blob blob = Blob.read(content, size, name + ": " + Printable.of(path), sink, layersLevel);
    verify(path, blob.stored());
    Blob before = layers.put(path, blob);
    if (documents.containsKey(path) || (before != null && !before.equals(blob))) {
      throw twice(path);
    }
  }

  private void verify(String path, Digest digest) throws CorruptArchiveException {
    Optional<Digest> promised = EntryName.promisedDigest(path);
    if (promised.isPresent() && !promised.get().equals(digest)) {
      throw new CorruptArchiveException(
          "%s: the content of %s has the digest %s".formatted(name, path, digest));
    }
  }

  private static boolean looksLikeJson(byte[] start) {
    return start.length > 0
        && (start[0] == '{' || start[0] == '[')
        && !CanonicalTar.looksLikeTar(start);
  }

  private boolean exists(String path) {
    return documents.containsKey(path) || layers.containsKey(path);
  }

  private CorruptArchiveException twice(String path) {
    return new CorruptArchiveException(
        "%s holds '%s' twice, with different contents".formatted(name, Printable.of(path)));
  }

  @Override
  public Optional<byte[]> document(String path) throws CorruptArchiveException {
    String file = follow(path);
    if (tooLarge.containsKey(file)) {
      throw new CorruptArchiveException(
          "%s: the document %s has %d bytes, more than s3dock accepts"
              .formatted(name, Printable.of(path), tooLarge.get(file)));
    }
    return Optional.ofNullable(documents.get(file));
  }

  @Override
  public Optional<Blob> layer(String path) throws CorruptArchiveException {
    return Optional.ofNullable(layers.get(follow(path)));
  }

  private String follow(String path) throws CorruptArchiveException {
    String file = path;
    for (int steps = 0; links.containsKey(file); steps++) {
      if (steps > links.size()) {
        throw new CorruptArchiveException(name + ": its links form a loop");
      }
      file = links.getOrDefault(file, file);
    }
    return file;
  }

  @Override
  public String name() {
    return name;
  }

  /** The content of the present entry. */
  private static final class EntryInput extends BlockInputStream {
    private final GuardedInput guard;
    private final TarArchiveInputStream tar;

    EntryInput(GuardedInput guard, TarArchiveInputStream tar) {
      this.guard = guard;
      this.tar = tar;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      return guard.decode(() -> tar.read(buffer, offset, Math.min(length, 256 << 10)));
    }
  }
}
