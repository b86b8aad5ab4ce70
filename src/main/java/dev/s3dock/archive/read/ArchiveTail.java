package dev.s3dock.archive.read;

import dev.s3dock.archive.ArchiveIndex;
import dev.s3dock.archive.CanonicalTar;
import dev.s3dock.archive.CorruptArchiveException;
import dev.s3dock.archive.LayerEntry;
import dev.s3dock.archive.codec.ChunkCodec;
import dev.s3dock.archive.oci.ImageConfig;
import dev.s3dock.archive.oci.ImageLayout;
import dev.s3dock.image.Digest;
import dev.s3dock.image.ImageReference;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What follows the layers of an archive, verified: it is exactly what the config, the layers and
 * the reference imply.
 *
 * @param config of the image that the index names
 */
record ArchiveTail(ImageConfig config, ImageLayout layout) {
  /**
   * Reads the compressed tail of an archive.
   *
   * @throws CorruptArchiveException if it contradicts the index or the reference
   */
  static ArchiveTail parse(byte[] compressed, ArchiveIndex index, ImageReference reference)
      throws CorruptArchiveException {
    int rawLength = ChunkCodec.statedRawLength(compressed, ArchiveIndex.MAX_TAIL);
    byte[] raw = ChunkCodec.decompress(compressed, 0, compressed.length, rawLength);
    List<LayerEntry> layers = index.layers();
    int padding = layers.isEmpty() ? 0 : CanonicalTar.padding(layers.getLast().size()).length;
    ImageConfig config = config(raw, padding, index);
    Map<Digest, Long> sizes = new LinkedHashMap<>();
    layers.forEach(layer -> sizes.put(layer.diffId(), layer.size()));
    requireOf(config, index);
    ImageLayout layout = new ImageLayout(config, sizes, reference);
    byte[] expected = layout.tarEnd();
    if (!Arrays.equals(raw, 0, padding, new byte[padding], 0, padding)
        || !Arrays.equals(raw, padding, raw.length, expected, 0, expected.length)) {
      throw new CorruptArchiveException(
          "the end of the archive is not what image %s named %s implies"
              .formatted(config.digest(), reference));
    }
    return new ArchiveTail(config, layout);
  }

  /** Makes sure that a config is of the layers and the platform that the index says. */
  static void requireOf(ImageConfig config, ArchiveIndex index) throws CorruptArchiveException {
    if (!config.diffIds().stream().distinct().toList().equals(index.diffIds())) {
      throw new CorruptArchiveException("the index lists other layers than the image config");
    }
    if (!config.platform().equals(index.platform())) {
      throw new CorruptArchiveException(
          "the index says %s, the image config %s".formatted(index.platform(), config.platform()));
    }
  }

  private static ImageConfig config(byte[] raw, int header, ArchiveIndex index)
      throws CorruptArchiveException {
    long size = CanonicalTar.size(raw, header);
    int start = CanonicalTar.contentOffset(header);
    if (size < 0 || size > raw.length - start) {
      throw new CorruptArchiveException("the archive's tail does not begin with an image config");
    }
    byte[] bytes = Arrays.copyOfRange(raw, start, start + (int) size);
    if (!Digest.of(bytes).equals(index.imageId())) {
      throw new CorruptArchiveException(
          "the archive holds the image %s, the index says %s"
              .formatted(Digest.of(bytes), index.imageId()));
    }
    return ImageConfig.parse(bytes);
  }
}
