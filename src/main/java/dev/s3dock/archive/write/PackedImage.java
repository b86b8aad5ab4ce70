package dev.s3dock.archive.write;

import dev.s3dock.archive.CanonicalTar;
import dev.s3dock.archive.Chunk;
import dev.s3dock.archive.Compression;
import dev.s3dock.archive.LeadingLayers;
import dev.s3dock.archive.cache.ChunkCache;
import dev.s3dock.archive.codec.ChunkCodec;
import dev.s3dock.archive.oci.ImageConfig;
import dev.s3dock.archive.oci.ImageLayout;
import dev.s3dock.archive.source.SourceImage;
import dev.s3dock.image.Digest;
import dev.s3dock.image.ImageReference;
import dev.s3dock.image.Platform;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * An image ready to be stored. Its archive lies in the spool until this is closed, without the
 * {@link LeadingLayers} that were not packed.
 */
public final class PackedImage implements Closeable {
  private final ImageConfig config;
  private final Compression compression;
  private final LeadingLayers leading;
  private final List<PackedLayer> layers;
  private final List<Between> between;
  private final List<Chunk> fresh;
  private final Spool spool;

  /** A chunk that holds no layer's content. */
  @SuppressWarnings("ArrayRecordComponent") // handed on, never compared
  private record Between(byte[] chunk, Digest rawDigest) {
    static Between of(byte[] raw, Compression compression) {
      return new Between(ChunkCodec.compress(raw, compression), Digest.of(raw));
    }
  }

  /**
   * Takes over the parts of one packed image.
   *
   * @param fresh chunks that the cache did not have
   * @param between the chunk before each layer, and the tail after the last
   */
  private PackedImage(
      ImageConfig config,
      Compression compression,
      LeadingLayers leading,
      List<PackedLayer> layers,
      List<Between> between,
      List<Chunk> fresh,
      Spool spool) {
    this.config = config;
    this.compression = compression;
    this.leading = leading;
    this.layers = layers;
    this.between = between;
    this.fresh = List.copyOf(fresh);
    this.spool = spool;
  }

  /** Compresses what stands around the layers. */
  static PackedImage of(
      SourceImage image,
      ImageReference reference,
      Compression compression,
      LeadingLayers leading,
      List<PackedLayer> layers,
      List<Chunk> fresh,
      Spool spool) {
    List<Between> between = new ArrayList<>();
    byte[] padding =
        leading.layers().isEmpty()
            ? new byte[0]
            : CanonicalTar.padding(leading.layers().getLast().size());
    for (PackedLayer layer : layers) {
      byte[] raw = CanonicalTar.before(padding, layer.diffId(), layer.size());
      between.add(Between.of(raw, compression));
      padding = CanonicalTar.padding(layer.size());
    }
    ImageLayout layout = new ImageLayout(image.config(), image.sizes(), reference);
    between.add(Between.of(CanonicalTar.concat(padding, layout.tarEnd()), compression));
    return new PackedImage(image.config(), compression, leading, layers, between, fresh, spool);
  }

  ImageConfig config() {
    return config;
  }

  /** Digest of the image config. */
  public Digest imageId() {
    return config.digest();
  }

  /** What the image runs on, as its config says. */
  public Platform platform() {
    return config.platform();
  }

  /** Bytes of the archive, exactly. */
  public long size() {
    return leading.length()
        + layers.stream().mapToLong(PackedLayer::length).sum()
        + between.stream().mapToLong(part -> part.chunk().length).sum();
  }

  /**
   * The layers that were packed.
   *
   * @param least bytes of each, uncompressed
   */
  public List<Digest> diffIds(long least) {
    return layers.stream().filter(layer -> layer.size() >= least).map(PackedLayer::diffId).toList();
  }

  /** Place of a packed layer's first byte in the archive; empty if there is none of this digest. */
  public OptionalLong offset(Digest diffId) {
    long at = leading.length();
    for (int i = 0; i < layers.size(); i++) {
      at += between.get(i).chunk().length;
      if (layers.get(i).diffId().equals(diffId)) {
        return OptionalLong.of(at);
      }
      at += layers.get(i).length();
    }
    return OptionalLong.empty();
  }

  /**
   * The archive as runs of bytes in order: which of them stored archives hold, and where.
   *
   * @param held chunks of stored archives; the {@link LeadingLayers} are of the first of these
   */
  public List<Segment> segments(ChunkIndex held) {
    ChunkIndex.Runs runs = new ChunkIndex.Runs(held);
    runs.beginning(leading.length());
    for (int i = 0; i < layers.size(); i++) {
      runs.add(between.get(i).rawDigest(), between.get(i).chunk().length);
      layers.get(i).chunks().forEach(chunk -> runs.add(chunk.digest(), chunk.length()));
    }
    runs.addNew(between.getLast().chunk().length);
    return runs.segments();
  }

  /**
   * Opens the archive from the end of the {@link LeadingLayers} on; may be called again, for
   * another try.
   *
   * @throws IOException if the spool is closed
   */
  public ArchiveInput open() throws IOException {
    return new ArchiveInput(this);
  }

  Compression compression() {
    return compression;
  }

  /**
   * Gives the chunks to a cache, for the next push. May run while the archive is read. What cannot
   * be read is not kept.
   */
  public void keepChunks(ChunkCache cache) {
    try {
      for (Chunk chunk : fresh) {
        byte[] bytes = spool.read(chunk.offset(), chunk.length());
        cache.keep(chunk.digest(), bytes, 0, bytes.length);
      }
    } catch (IOException e) {
      // whoever sends the archive reads the same file, and is told
    }
  }

  /** The layers that the archive begins with and that were not packed. */
  public LeadingLayers leading() {
    return leading;
  }

  List<PackedLayer> layers() {
    return layers;
  }

  /** The chunk before the packed layer of this number; after the last layer, the tail. */
  byte[] before(int layer) {
    return between.get(layer).chunk();
  }

  Spool spool() {
    return spool;
  }

  /** Removes the spool. */
  @Override
  public void close() throws IOException {
    spool.close();
  }
}
