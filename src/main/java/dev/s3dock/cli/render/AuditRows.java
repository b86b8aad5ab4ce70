package dev.s3dock.cli.render;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.s3dock.image.Printable;
import dev.s3dock.registry.audit.AuditEntry;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;

/** Audit events as rows: of a table for people, or of JSON. */
public final class AuditRows {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private AuditRows() {}

  /** The columns that {@link #cells} fills. */
  public static String[] header() {
    return new String[] {"TIME", "USER", "HOST", "EVENT", "WHAT", "BEFORE"};
  }

  public static String[] cells(AuditEntry entry) {
    return switch (entry) {
      case AuditEntry.Event event ->
          new String[] {
            time(event.at()),
            cell(event.text("user")),
            cell(event.text("host")),
            cell(event.type()),
            cell(what(event)),
            cell(event.previous().orElse(""))
          };
      case AuditEntry.Damaged damaged ->
          new String[] {
            time(damaged.at()), "-", "-", damaged.type(), "(damaged) " + damaged.problem(), "-"
          };
    };
  }

  /** UTC, to the second. */
  public static String time(Instant at) {
    return at.truncatedTo(ChronoUnit.SECONDS).toString();
  }

  private static String cell(String text) {
    return text.isEmpty() ? "-" : Printable.of(text);
  }

  private static String what(AuditEntry.Event event) {
    String image = event.detail("image_reference");
    return switch (event.type()) {
      case "push" -> image + remark(event);
      case "tag" -> "%s is %s".formatted(event.detail("version"), image);
      case "promotion" ->
          "%s: %s".formatted(event.detail("environment"), event.detail("source")) + remark(event);
      case "deployment", "rollback" ->
          "%s: %s %s".formatted(event.detail("environment"), image, event.detail("outcome"))
              + (event.detail("reason").isEmpty() ? "" : ", " + event.detail("reason"));
      case "cleanup" -> "%s: %s".formatted(image, event.detail("reason"));
      default -> image.isEmpty() ? event.image() : image;
    };
  }

  private static String remark(AuditEntry.Event event) {
    if (event.says("was_skipped")) {
      return " (nothing to do)";
    }
    return event.says("was_archived") ? " (the replaced image was kept in archive/)" : "";
  }

  /** All fields of the event as they stand in the bucket, and {@code key}. */
  public static void write(AuditEntry entry, JsonGenerator data) throws IOException {
    data.writeStartObject();
    data.writeStringField("key", entry.key().value());
    switch (entry) {
      case AuditEntry.Event event -> {
        for (Map.Entry<String, JsonNode> field : event.document().properties()) {
          if (!field.getKey().equals("key")) {
            data.writeFieldName(field.getKey());
            MAPPER.writeTree(data, field.getValue());
          }
        }
      }
      case AuditEntry.Damaged damaged -> data.writeStringField("damaged", damaged.problem());
    }
    data.writeEndObject();
  }
}
