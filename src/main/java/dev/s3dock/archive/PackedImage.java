package dev.s3dock.archive;

import dev.s3dock.image.Digest;
import dev.s3dock.image.ImageReference;
import dev.s3dock.image.Platform;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** An image ready to be stored: its archive lies in the spool, complete, until this is closed. */
public final class PackedImage implements Closeable {
  private final ImageConfig config;
  private final Digest manifestDigest;
  private final Compression compression;
  private final List<PackedLayer> layers;
  private final List<byte[]> between;
  private final Spool spool;

  /**
   * Creates the image.
   *
   * @param between the member before each layer, and the tail after the last
   */
  private PackedImage(
      ImageConfig config,
      Digest manifestDigest,
      Compression compression,
      List<PackedLayer> layers,
      List<byte[]> between,
      Spool spool) {
    this.config = config;
    this.manifestDigest = manifestDigest;
    this.compression = compression;
    this.layers = layers;
    this.between = between;
    this.spool = spool;
  }

  /** Compresses what stands around the layers. */
  static PackedImage of(
      SourceImage image,
      ImageReference reference,
      Compression compression,
      List<PackedLayer> layers,
      Spool spool) {
    List<byte[]> between = new ArrayList<>();
    byte[] padding = {};
    for (PackedLayer layer : layers) {
      byte[] header = TarBlocks.header(ImageLayout.blobName(layer.diffId()), layer.size());
      between.add(GzipMember.compress(concat(padding, header), compression));
      padding = TarBlocks.padding(layer.size());
    }
    ImageLayout layout = new ImageLayout(image.config(), image.sizes(), reference);
    between.add(GzipMember.compress(concat(padding, layout.tarEnd()), compression));
    return new PackedImage(
        image.config(), layout.manifestDigest(), compression, layers, between, spool);
  }

  /** Digest of the image config. */
  public Digest imageId() {
    return config.digest();
  }

  /** Digest of the archive's OCI manifest: the image ID in a containerd image store. */
  public Digest manifestDigest() {
    return manifestDigest;
  }

  /** What the image runs on, as its config says. */
  public Platform platform() {
    return config.platform();
  }

  /** Digests of the layers from the base up; a repeated layer appears again. */
  public List<Digest> diffIds() {
    return config.diffIds();
  }

  /** Bytes of the archive, exactly. */
  public long size() {
    return layers.stream().mapToLong(PackedLayer::length).sum()
        + between.stream().mapToLong(member -> member.length).sum();
  }

  /** Bytes of all distinct layers, uncompressed. */
  public long rawSize() {
    return layers.stream().mapToLong(PackedLayer::size).sum();
  }

  /**
   * Opens the archive from its start; may be called again, for another try.
   *
   * @throws IOException if the spool is closed
   */
  public ArchiveInput open() throws IOException {
    return new ArchiveInput(this);
  }

  Compression compression() {
    return compression;
  }

  List<PackedLayer> layers() {
    return layers;
  }

  /** The member before the layer of this number; after the last layer, the tail. */
  byte[] before(int layer) {
    return between.get(layer);
  }

  Spool spool() {
    return spool;
  }

  private static byte[] concat(byte[] first, byte[] second) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(first.length + second.length);
    out.writeBytes(first);
    out.writeBytes(second);
    return out.toByteArray();
  }

  /** Removes the spool. */
  @Override
  public void close() throws IOException {
    spool.close();
  }
}
