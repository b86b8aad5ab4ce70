package dev.s3dock.registry;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.Separators;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.s3dock.image.Printable;
import dev.s3dock.store.ObjectKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;

/**
 * The JSON of the bucket: objects indented by two spaces, times in RFC 3339 with nanoseconds and an
 * offset. Fields that s3dock does not know are kept in the tree that is handed around.
 */
public final class Documents {
  /** What to do about an object that does not say what it must. */
  public static final String RESTORE = "restore the object, or write it again";

  private static final int MAX_DEPTH = 32;

  /** Most tokens of one: an index of the most members there can be has 1.2 million. */
  private static final long MAX_TOKENS = 1_500_000;

  private static final DateTimeFormatter TIME = DateTimeFormatter.ISO_OFFSET_DATE_TIME;
  private static final ObjectMapper MAPPER =
      new ObjectMapper(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(MAX_DEPTH)
                          .maxTokenCount(MAX_TOKENS)
                          .build())
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private Documents() {}

  public static ObjectNode create() {
    return MAPPER.createObjectNode();
  }

  /**
   * Reads a JSON object.
   *
   * @throws RegistryException {@link RegistryException.Kind#CORRUPT} if the bytes are anything else
   */
  public static ObjectNode parse(ObjectKey key, byte[] content) {
    try {
      if (MAPPER.readTree(content) instanceof ObjectNode object) {
        return object;
      }
    } catch (IOException e) {
      throw corrupt(key, "is not JSON");
    }
    throw corrupt(key, "is not a JSON object");
  }

  public static byte[] write(ObjectNode document) {
    try {
      DefaultPrettyPrinter printer =
          new DefaultPrettyPrinter(
              Separators.createDefaultInstance()
                  .withObjectFieldValueSpacing(Separators.Spacing.AFTER));
      printer.indentObjectsWith(new DefaultIndenter("  ", "\n"));
      return MAPPER.writer(printer).writeValueAsString(document).getBytes(StandardCharsets.UTF_8);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a JSON tree can always be written", e);
    }
  }

  /** A text field; empty where it is absent or null. */
  public static String text(ObjectNode document, String field) {
    JsonNode value = document.path(field);
    return value.isTextual() ? value.textValue() : "";
  }

  public static String requiredText(ObjectKey key, ObjectNode document, String field) {
    String value = text(document, field);
    if (value.isEmpty()) {
      throw corrupt(key, "has no field '" + field + "'");
    }
    return value;
  }

  public static String time(OffsetDateTime time) {
    return TIME.format(time);
  }

  public static OffsetDateTime time(ObjectKey key, ObjectNode document, String field) {
    String value = requiredText(key, document, field);
    try {
      return OffsetDateTime.parse(value, TIME);
    } catch (DateTimeParseException e) {
      throw corrupt(
          key, "has no valid time in the field '%s': %s".formatted(field, Printable.of(value)));
    }
  }

  /** A time as an instant; that of the epoch where there is none. */
  public static Instant instant(ObjectNode document, String field) {
    try {
      return OffsetDateTime.parse(text(document, field), TIME).toInstant();
    } catch (DateTimeParseException e) {
      return Instant.EPOCH;
    }
  }

  public static RegistryException corrupt(ObjectKey key, String what) {
    return RegistryException.corrupt(key, what, RESTORE);
  }
}
