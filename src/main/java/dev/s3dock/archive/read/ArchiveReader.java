package dev.s3dock.archive.read;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.s3dock.archive.ArchiveIndex;
import dev.s3dock.archive.CanonicalTar;
import dev.s3dock.archive.CorruptArchiveException;
import dev.s3dock.archive.LayerEntry;
import dev.s3dock.archive.Tail;
import dev.s3dock.archive.oci.ImageConfig;
import dev.s3dock.image.Digest;
import dev.s3dock.image.ImageReference;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Reads a stored archive by ranges, in parallel, and trusts none of its bytes: sha256 per chunk,
 * diff_id per layer, the config's digest, and the tail byte for byte as config, layers and
 * reference imply it. The headers between layers are not read but written anew.
 *
 * <p>For one thread; each stream it opens has threads of its own.
 */
public final class ArchiveReader {
  private final ArchiveIndex index;
  private final ImageReference reference;
  private final ChunkFetcher fetcher;
  private final int threads;
  private @Nullable ArchiveTail tail;

  /**
   * Creates a reader.
   *
   * @param reference the image's name in the archive
   * @param fetcher called from several threads
   * @param threads that decompress, at least 1
   */
  public ArchiveReader(
      ArchiveIndex index, ImageReference reference, RangeFetcher fetcher, int threads) {
    this(index, reference, ChunkFetcher.uncached(fetcher), threads);
  }

  /** The same, by way of a cache. */
  public ArchiveReader(
      ArchiveIndex index, ImageReference reference, ChunkFetcher fetcher, int threads) {
    this.index = index;
    this.reference = reference;
    this.fetcher = fetcher;
    this.threads = threads;
  }

  /**
   * The whole uncompressed tar. Its {@code read} throws {@link CorruptArchiveException} instead of
   * reporting an end that was not reached with everything verified. Close it to stop its threads.
   *
   * @throws CorruptArchiveException if the tail is not what the index and the reference say
   */
  public InputStream openTar() throws IOException {
    return openTar(layer -> true);
  }

  /**
   * The uncompressed tar without the blobs of some layers. See {@link #openTar()}.
   *
   * @param wantedLayers diff_ids of the layers that are fetched
   */
  public InputStream openTar(Predicate<Digest> wantedLayers) throws IOException {
    byte[] end = tail().layout().tarEnd();
    List<LayerEntry> wanted = layers(wantedLayers);
    ChunkStream chunks = new ChunkStream(wanted, fetcher, threads);
    List<InputStream> parts = new ArrayList<>();
    for (LayerEntry layer : wanted) {
      parts.add(bytes(CanonicalTar.header(CanonicalTar.blobName(layer.diffId()), layer.size())));
      parts.add(new LayerInput(layer, chunks));
      parts.add(bytes(CanonicalTar.padding(layer.size())));
    }
    parts.add(bytes(end));
    return new TarInput(parts, chunks);
  }

  /**
   * Reads some layers, verified, for nothing but what the {@link ChunkFetcher} keeps of them.
   *
   * @param wantedLayers diff_ids of the layers that are fetched
   */
  public void readLayers(Predicate<Digest> wantedLayers) throws IOException {
    List<LayerEntry> wanted = layers(wantedLayers);
    try (ChunkStream chunks = new ChunkStream(wanted, fetcher, threads)) {
      for (LayerEntry layer : wanted) {
        new LayerInput(layer, chunks).transferTo(OutputStream.nullOutputStream());
      }
    }
  }

  /**
   * Digest of the OCI manifest in the archive. An engine with the containerd image store calls the
   * image by it once it has loaded the archive.
   */
  public Digest manifestDigest() throws IOException {
    return tail().layout().manifestDigest();
  }

  /** That manifest: of uncompressed layers, whose digests are their diff_ids. */
  public byte[] manifest() throws IOException {
    return tail().layout().manifest();
  }

  /** The layers for an engine that asks for them one by one; to be closed. */
  public LayerStreams openLayers() {
    return new LayerStreams(fetcher, threads);
  }

  /** The image's layers as its config lists them: from the base up, a repeated one again. */
  public List<Digest> diffIds() throws IOException {
    return knownConfig().diffIds();
  }

  /** The image config as it lies in the archive, verified. */
  public byte[] config() throws IOException {
    return tail().config().bytes().clone();
  }

  /** The same bytes, out of the index where that has them: then nothing of the archive is read. */
  public byte[] indexedConfig() throws IOException {
    return knownConfig().bytes().clone();
  }

  /** The config out of the index, or else out of the archive. */
  public ImageConfig knownConfig() throws IOException {
    if (tail != null || index.config().isEmpty()) {
      return tail().config();
    }
    // of the image: the index has seen to that
    ImageConfig config = ImageConfig.parse(index.config().get().getBytes(UTF_8));
    ArchiveTail.requireOf(config, index);
    return config;
  }

  /**
   * Writes the image as an OCI image layout of uncompressed layers. Into a folder that is one
   * already, it adds the blobs that are missing and replaces the image of the same name. The
   * layout's index names the image only when all of it is on disk; what an earlier try left behind
   * is used again.
   *
   * @param directory absent, empty or an OCI layout
   * @return the layers that were there
   * @throws CorruptArchiveException if the archive is not what the index and the reference say
   * @throws IOException if the folder is something else, or cannot be written
   */
  public Set<Digest> writeOciLayout(Path directory) throws IOException {
    LayoutWriter writer = LayoutWriter.open(directory);
    ArchiveTail verified = tail();
    List<LayerEntry> missing = new ArrayList<>();
    Set<Digest> held = new HashSet<>();
    for (LayerEntry layer : index.layers()) {
      if (!writer.holds(layer.diffId(), layer.size())) {
        missing.add(layer);
      } else {
        held.add(layer.diffId());
      }
    }
    try (ChunkStream chunks = new ChunkStream(missing, fetcher, threads)) {
      for (LayerEntry layer : missing) {
        writer.write(CanonicalTar.blobName(layer.diffId()), new LayerInput(layer, chunks));
      }
    }
    writer.finish(verified.layout());
    return held;
  }

  private List<LayerEntry> layers(Predicate<Digest> wanted) {
    return index.layers().stream().filter(layer -> wanted.test(layer.diffId())).toList();
  }

  private ArchiveTail tail() throws IOException {
    if (tail == null) {
      Tail range = index.tail();
      byte[] bytes = fetcher.range(range.offset(), range.length());
      tail = ArchiveTail.parse(bytes, index, reference);
    }
    return tail;
  }

  private static InputStream bytes(byte[] content) {
    return new ByteArrayInputStream(content);
  }
}
