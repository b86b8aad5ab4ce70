package dev.s3dock.archive;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.toMap;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.s3dock.archive.read.ArchiveReader;
import dev.s3dock.image.Digest;
import dev.s3dock.image.Platform;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Byte-exact description of one archive: the {@code archive} field of the metadata, as {@code
 * docs/archive-format.md} specifies it. An index in hand is consistent with itself; whether it is
 * true, {@link ArchiveReader} finds out.
 *
 * @param format 1
 * @param imageId digest of the image config
 * @param compression the archive was written with; single chunks may differ
 * @param compressor the fingerprint of what wrote it; absent in indexes of before
 * @param objectEtag the store's token of the archive, once it is stored
 * @param layers the distinct layer blobs, in archive order
 * @param manifest of the image as a registry serves it; absent if a layer's blob is unknown
 * @param config the image config as text, so that it need not be fetched; absent in indexes of
 *     before and where it is large, see {@link #shortConfig}
 * @throws IllegalArgumentException if offsets overlap or leave gaps, if sums differ, or if a limit
 *     is exceeded
 */
public record ArchiveIndex(
    int format,
    Digest imageId,
    Platform platform,
    Compression compression,
    Optional<String> compressor,
    Optional<String> objectEtag,
    List<LayerEntry> layers,
    Tail tail,
    Optional<Descriptor> manifest,
    Optional<String> config) {
  /** The one format there is. */
  public static final int FORMAT = 1;

  /** Most chunks of one archive: at 1 MiB on average, about 200 GiB of layers. */
  public static final int MAX_CHUNKS = 200_000;

  /** Most bytes of the chunk between two layers. */
  public static final int MAX_BETWEEN = 4096;

  /** Most bytes of the tail, compressed and raw: two documents of the largest size. */
  public static final int MAX_TAIL = 2 * FormatLimits.MAX_DOCUMENT_BYTES;

  /** Most bytes of a config that is in the index, too: most have a tenth of that. */
  static final int MAX_CONFIG = 32 << 10;

  public ArchiveIndex {
    layers = List.copyOf(layers);
    require(layers.size() <= FormatLimits.MAX_LAYERS, "more layers than an image can have");
    Set<Digest> seen = new HashSet<>();
    long end = 0;
    long chunks = 0;
    for (LayerEntry layer : layers) {
      require(seen.add(layer.diffId()), "layer " + layer.diffId() + " is listed twice");
      requireConsistent(layer, end);
      end = layer.end();
      chunks += layer.chunks().size();
    }
    require(chunks <= MAX_CHUNKS, "more members than " + MAX_CHUNKS);
    require(tail.offset() == end, "the tail does not start where the last layer ends");
    require(
        manifest.isEmpty() || layers.stream().allMatch(layer -> layer.blob().isPresent()),
        "there is a manifest, but a layer has no blob");
    require(tail.length() > 0 && tail.length() <= MAX_TAIL, "the length of the tail is impossible");
    require(
        config.isEmpty() || Digest.of(config.get().getBytes(UTF_8)).equals(imageId),
        "its config is that of another image");
  }

  private static void requireConsistent(LayerEntry layer, long endBefore) {
    String what = "layer " + layer.diffId() + ": ";
    require(!layer.chunks().isEmpty(), what + "no members");
    long gap = layer.offset() - endBefore;
    require(gap > 0 && gap <= MAX_BETWEEN, what + "does not follow the one before it");
    long at = layer.offset();
    long size = 0;
    for (Chunk chunk : layer.chunks()) {
      require(chunk.offset() == at, what + "members overlap or leave a gap");
      require(
          chunk.length() > 0
              && chunk.length() <= FormatLimits.MAX_STORED_CHUNK_BYTES
              && chunk.rawLength() >= 0
              && chunk.rawLength() <= FormatLimits.MAX_CHUNK_BYTES,
          what + "the length of a member is impossible");
      at = chunk.end();
      size += chunk.rawLength();
    }
    require(
        size == layer.size(), what + "its members hold " + size + " bytes, not " + layer.size());
    require(layer.md5AtEnd().bytes() == at, what + "its MD5 state is for another offset");
  }

  private static void require(boolean holds, String problem) {
    if (!holds) {
      throw new IllegalArgumentException(problem);
    }
  }

  /**
   * Reads the {@code archive} field. Unknown fields are passed over.
   *
   * @throws CorruptArchiveException if a field is missing or malformed, or if the index contradicts
   *     itself
   */
  public static ArchiveIndex parse(JsonNode json) throws CorruptArchiveException {
    return IndexJson.read(json);
  }

  /** The {@code archive} field. */
  public ObjectNode toJson() {
    return IndexJson.write(this);
  }

  /** The same index for the archive as it is stored. */
  public ArchiveIndex withObjectEtag(String etag) {
    return new ArchiveIndex(
        format,
        imageId,
        platform,
        compression,
        compressor,
        Optional.of(etag),
        layers,
        tail,
        manifest,
        config);
  }

  /** The field {@code config} for these bytes; empty if they are many, or no text. */
  public static Optional<String> shortConfig(byte[] config) {
    return Optional.of(config)
        .filter(bytes -> bytes.length <= MAX_CONFIG)
        .map(bytes -> new String(bytes, UTF_8))
        .filter(text -> Arrays.equals(text.getBytes(UTF_8), config));
  }

  /**
   * The same index with what it lacks because it was written before it was recorded.
   *
   * @param identified the same layers, each with its blob
   */
  public ArchiveIndex withServed(
      List<LayerEntry> identified, Descriptor served, Optional<String> shortConfig) {
    return new ArchiveIndex(
        format,
        imageId,
        platform,
        compression,
        compressor,
        objectEtag,
        identified,
        tail,
        Optional.of(served),
        shortConfig);
  }

  /** Digests of the distinct layers, in archive order; a repeated layer appears once. */
  public List<Digest> diffIds() {
    return layers.stream().map(LayerEntry::diffId).toList();
  }

  /** The chunks that stand before the layers, one each: what they hold follows from the layers. */
  public List<Chunk> between() {
    List<Chunk> between = new ArrayList<>();
    long end = 0;
    byte[] padding = {};
    for (LayerEntry layer : layers) {
      byte[] raw = CanonicalTar.before(padding, layer.diffId(), layer.size());
      between.add(new Chunk(end, (int) (layer.offset() - end), raw.length, Digest.of(raw)));
      end = layer.end();
      padding = CanonicalTar.padding(layer.size());
    }
    return between;
  }

  /** Bytes of the archive. */
  public long size() {
    return tail.end();
  }

  /** Bytes of the archive that hold these layers. */
  public long length(Set<Digest> diffIds) {
    return layers.stream()
        .filter(layer -> diffIds.contains(layer.diffId()))
        .mapToLong(LayerEntry::length)
        .sum();
  }

  /** Bytes of each layer, uncompressed. */
  public Map<Digest, Long> sizes() {
    return layers.stream().collect(toMap(LayerEntry::diffId, LayerEntry::size));
  }

  /** Bytes of all layers, uncompressed; the tar around them adds a little. */
  public long rawSize() {
    return layers.stream().mapToLong(LayerEntry::size).sum();
  }
}
