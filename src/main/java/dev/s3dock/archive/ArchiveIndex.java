package dev.s3dock.archive;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.s3dock.image.Digest;
import dev.s3dock.image.Platform;
import java.util.List;
import java.util.Optional;

/**
 * Byte-exact description of one archive: the {@code archive} field of the metadata, as {@code
 * docs/archive-format.md} specifies it. An index in hand is consistent with itself.
 *
 * @param format 1
 * @param imageId digest of the image config
 * @param compression the members were written with
 * @param objectEtag the store's token of the archive, once it is stored
 * @param layers the distinct layer blobs, in archive order
 */
@SuppressWarnings("DoNotCallSuggester") // until it is written
public record ArchiveIndex(
    int format,
    Digest imageId,
    Platform platform,
    Compression compression,
    Optional<String> objectEtag,
    List<LayerEntry> layers,
    Tail tail) {
  /** The one format there is. */
  public static final int FORMAT = 1;

  /** Most members of one archive: at 1 MiB on average, about 200 GiB of layers. */
  public static final int MAX_MEMBERS = 200_000;

  /** Most bytes of a metadata object that holds an index; a reader need not take more. */
  public static final int MAX_METADATA_BYTES = 32 << 20;

  public ArchiveIndex {
    layers = List.copyOf(layers);
  }

  /**
   * Reads the {@code archive} field.
   *
   * @throws CorruptArchiveException if a field is missing or malformed, if offsets overlap or leave
   *     gaps, if sums differ, or if a limit is exceeded
   */
  public static ArchiveIndex parse(JsonNode json) throws CorruptArchiveException {
    throw new UnsupportedOperationException("not yet: " + json);
  }

  /** The {@code archive} field. */
  public ObjectNode toJson() {
    throw new UnsupportedOperationException("not yet");
  }

  /** The same index for the archive as it is stored. */
  public ArchiveIndex withObjectEtag(String etag) {
    return new ArchiveIndex(
        format, imageId, platform, compression, Optional.of(etag), layers, tail);
  }

  /** Digests of the distinct layers, in archive order; a repeated layer appears once. */
  public List<Digest> diffIds() {
    return layers.stream().map(LayerEntry::diffId).toList();
  }

  /** Bytes of the archive. */
  public long size() {
    return tail.end();
  }

  /** Bytes of all layers, uncompressed; the tar around them adds a little. */
  public long rawSize() {
    return layers.stream().mapToLong(LayerEntry::size).sum();
  }
}
