package dev.s3dock.archive;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.s3dock.image.Digest;
import dev.s3dock.image.FailureWords;
import dev.s3dock.image.InvalidNameException;
import dev.s3dock.image.Printable;
import java.io.IOException;

/**
 * Reads and writes the JSON documents of an image. A foreign document may be nested {@value
 * #MAX_DEPTH} deep and have {@value #MAX_TOKENS} tokens; one that names a field twice is refused,
 * since readers differ on what it means.
 */
public final class Json {
  static final int MAX_DEPTH = 64;
  static final long MAX_TOKENS = 1_000_000;

  private static final ObjectMapper MAPPER =
      new ObjectMapper(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(MAX_DEPTH)
                          .maxTokenCount(MAX_TOKENS)
                          .build())
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private Json() {}

  public static ObjectNode object() {
    return MAPPER.createObjectNode();
  }

  /** Compact UTF-8, fields in the order in which they were put. */
  public static byte[] bytes(JsonNode node) {
    try {
      return MAPPER.writeValueAsBytes(node);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree can always be written", e);
    }
  }

  /**
   * Reads a document.
   *
   * @param what the message calls it
   */
  public static JsonNode parse(byte[] document, String what) throws CorruptArchiveException {
    try {
      return MAPPER.readTree(document);
    } catch (JsonProcessingException e) {
      throw new CorruptArchiveException(
          what + " is not valid JSON: " + Printable.of(FailureWords.of(e.getOriginalMessage())), e);
    } catch (IOException e) {
      throw new CorruptArchiveException(what + " is not valid JSON", e);
    }
  }

  /** The digest in a field of an object. */
  public static Digest digest(JsonNode node, String what) throws CorruptArchiveException {
    try {
      return Digest.parse(node.asText());
    } catch (InvalidNameException e) {
      throw new CorruptArchiveException(what + ": " + e.getMessage(), e);
    }
  }
}
