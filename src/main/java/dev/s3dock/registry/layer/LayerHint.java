package dev.s3dock.registry.layer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.s3dock.image.Digest;
import dev.s3dock.registry.Documents;
import dev.s3dock.store.ETag;
import dev.s3dock.store.ObjectKey;
import java.util.Optional;

/**
 * Where a layer is said to be. The form is in {@code docs/bucket-layout.md}.
 *
 * @param diffId of the layer
 * @param archive that holds it
 * @param state of that archive
 * @param offset of the layer's first byte in the archive
 * @param length of the layer there, in compressed bytes
 * @param compressor the fingerprint of what compressed it: another one makes other bytes
 */
public record LayerHint(
    Digest diffId, ObjectKey archive, ETag state, long offset, long length, String compressor) {
  private static final String DIFF_ID = "diff_id";
  private static final String ARCHIVE = "archive_path";
  private static final String STATE = "object_etag";
  private static final String OFFSET = "offset";
  private static final String LENGTH = "length";
  private static final String COMPRESSOR = "compressor";

  /** What a document says; empty if that makes no sense, or is about another layer. */
  static Optional<LayerHint> of(Digest diffId, ObjectNode document) {
    String archive = Documents.text(document, ARCHIVE);
    String state = Documents.text(document, STATE);
    JsonNode offset = document.path(OFFSET);
    JsonNode length = document.path(LENGTH);
    if (!Documents.text(document, DIFF_ID).equals(diffId.toString())
        || !ObjectKey.isValid(archive)
        || state.replace("\"", "").isEmpty()
        || !offset.canConvertToLong()
        || !length.canConvertToLong()) {
      return Optional.empty();
    }
    return Optional.of(
        new LayerHint(
            diffId,
            new ObjectKey(archive),
            new ETag(state),
            offset.longValue(),
            length.longValue(),
            Documents.text(document, COMPRESSOR)));
  }

  /** Its fields, over those of what was there, of which unknown ones are kept. */
  ObjectNode over(ObjectNode before) {
    return before
        .deepCopy()
        .put(DIFF_ID, diffId.toString())
        .put(ARCHIVE, archive.value())
        .put(STATE, state.value())
        .put(OFFSET, offset)
        .put(LENGTH, length)
        .put(COMPRESSOR, compressor);
  }
}
