package dev.s3dock.archive;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.s3dock.image.Digest;
import dev.s3dock.image.InvalidNameException;
import dev.s3dock.image.Platform;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The JSON form of {@link ArchiveIndex}. Unknown fields are passed over. */
final class IndexJson {
  private IndexJson() {}

  static ObjectNode write(ArchiveIndex index) {
    ObjectNode json =
        Json.object()
            .put("format", index.format())
            .put("image_id", index.imageId().toString())
            .put("platform", index.platform().toString())
            .put("compression", index.compression().toString());
    index.compressor().ifPresent(fingerprint -> json.put("compressor", fingerprint));
    index.objectEtag().ifPresent(etag -> json.put("object_etag", etag));
    ArrayNode layers = json.putArray("layers");
    index.layers().forEach(layer -> layers.add(layer(layer)));
    json.putObject("tail")
        .put("offset", index.tail().offset())
        .put("length", index.tail().length());
    index.manifest().ifPresent(manifest -> json.set("manifest", descriptor(manifest)));
    index.config().ifPresent(config -> json.put("config", config));
    return json;
  }

  private static ObjectNode layer(LayerEntry layer) {
    ObjectNode json =
        Json.object().put("diff_id", layer.diffId().toString()).put("size", layer.size());
    ArrayNode chunks = json.putArray("members");
    for (Chunk chunk : layer.chunks()) {
      chunks
          .addArray()
          .add(chunk.offset())
          .add(chunk.length())
          .add(chunk.rawLength())
          .add(chunk.digest().hex());
    }
    Md5State md5 = layer.md5AtEnd();
    json.putObject("md5_state")
        .put("abcd", md5.abcd())
        .put("bytes", md5.bytes())
        .put("pending", md5.pending());
    layer
        .blob()
        .ifPresent(
            digest ->
                json.putObject("blob")
                    .put("digest", digest.toString())
                    .put("size", layer.length()));
    return json;
  }

  private static ObjectNode descriptor(Descriptor descriptor) {
    return Json.object()
        .put("media_type", descriptor.mediaType())
        .put("digest", descriptor.digest().toString())
        .put("size", descriptor.size());
  }

  static ArchiveIndex read(JsonNode json) throws CorruptArchiveException {
    try {
      long format = number(json, "format");
      if (format != ArchiveIndex.FORMAT) {
        throw new CorruptArchiveException(
            "the archive index has format %d, but this s3dock reads only format %d; update s3dock"
                .formatted(format, ArchiveIndex.FORMAT));
      }
      List<LayerEntry> layers = new ArrayList<>();
      for (JsonNode layer : array(json, "layers")) {
        layers.add(layer(layer));
      }
      JsonNode tail = json.path("tail");
      return new ArchiveIndex(
          (int) format,
          Digest.parse(text(json, "image_id")),
          Platform.parse(text(json, "platform")),
          Compression.parse(text(json, "compression")),
          optionalText(json, "compressor"),
          optionalText(json, "object_etag"),
          layers,
          new Tail(number(tail, "offset"), length(tail.path("length"))),
          manifest(json.path("manifest")),
          optionalText(json, "config"));
    } catch (InvalidNameException e) {
      throw new CorruptArchiveException("archive index: " + e.getMessage(), e);
    } catch (IllegalArgumentException e) {
      throw new CorruptArchiveException("archive index: " + e.getMessage(), e);
    }
  }

  private static LayerEntry layer(JsonNode json) throws CorruptArchiveException {
    List<Chunk> chunks = new ArrayList<>();
    for (JsonNode chunk : array(json, "members")) {
      if (chunk.size() != 4 || !chunk.path(0).canConvertToLong()) {
        throw malformed("members");
      }
      chunks.add(
          new Chunk(
              chunk.path(0).asLong(),
              length(chunk.path(1)),
              length(chunk.path(2)),
              new Digest(chunk.path(3).asText())));
    }
    JsonNode md5 = json.path("md5_state");
    LayerEntry layer =
        new LayerEntry(
            Digest.parse(text(json, "diff_id")),
            number(json, "size"),
            chunks,
            new Md5State(text(md5, "abcd"), number(md5, "bytes"), text(md5, "pending")),
            blob(json.path("blob")));
    if (layer.blob().isPresent()
        && !chunks.isEmpty()
        && number(json.path("blob"), "size") != layer.length()) {
      throw malformed("the size of a blob");
    }
    return layer;
  }

  private static Optional<Digest> blob(JsonNode json) throws CorruptArchiveException {
    return json.isMissingNode() || json.isNull()
        ? Optional.empty()
        : Optional.of(Digest.parse(text(json, "digest")));
  }

  private static Optional<Descriptor> manifest(JsonNode json) throws CorruptArchiveException {
    return json.isMissingNode() || json.isNull()
        ? Optional.empty()
        : Optional.of(
            new Descriptor(
                text(json, "media_type"),
                Digest.parse(text(json, "digest")),
                number(json, "size")));
  }

  private static JsonNode array(JsonNode json, String field) throws CorruptArchiveException {
    JsonNode value = json.path(field);
    if (!value.isArray()) {
      throw malformed(field);
    }
    return value;
  }

  private static String text(JsonNode json, String field) throws CorruptArchiveException {
    JsonNode value = json.path(field);
    if (!value.isTextual()) {
      throw malformed(field);
    }
    return value.textValue();
  }

  private static Optional<String> optionalText(JsonNode json, String field)
      throws CorruptArchiveException {
    return json.hasNonNull(field) ? Optional.of(text(json, field)) : Optional.empty();
  }

  private static long number(JsonNode json, String field) throws CorruptArchiveException {
    JsonNode value = json.path(field);
    if (!value.isIntegralNumber() || !value.canConvertToLong()) {
      throw malformed(field);
    }
    return value.longValue();
  }

  private static int length(JsonNode value) throws CorruptArchiveException {
    if (!value.isIntegralNumber() || !value.canConvertToInt()) {
      throw malformed("a length");
    }
    return value.intValue();
  }

  private static CorruptArchiveException malformed(String field) {
    return new CorruptArchiveException("archive index: " + field + " is missing or malformed");
  }
}
