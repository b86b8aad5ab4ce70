package dev.s3dock.cli.render;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.s3dock.image.AppName;
import dev.s3dock.image.Printable;
import dev.s3dock.registry.audit.AuditEntry;
import dev.s3dock.registry.audit.CleanupEvent;
import dev.s3dock.registry.audit.DeploymentEvent;
import dev.s3dock.registry.audit.OtherEvent;
import dev.s3dock.registry.audit.PromotionEvent;
import dev.s3dock.registry.audit.PushEvent;
import dev.s3dock.registry.audit.RemovalEvent;
import dev.s3dock.registry.audit.RolloutEvent;
import dev.s3dock.registry.audit.TagEvent;
import java.io.IOException;
import java.time.Instant;
import java.util.Map;
import java.util.function.Function;

/** Audit events as rows: of a table for people, or of JSON. */
public final class AuditRows {
  private static final String NOTHING_TO_DO = " (nothing to do)";
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private AuditRows() {}

  /** The events of an app, in JSON as they stand in the bucket, and with their {@code key}. */
  public static Listing<AuditEntry> listing(AppName app) {
    return Listing.<AuditEntry>of("audit", "events")
        .about("app_name", app.value())
        .cell("TIME", entry -> time(entry.at()))
        .mayGo(1)
        .cell("USER", entry -> cell(entry, AuditEntry.Event::user))
        .mayGo(3)
        .cell("HOST", entry -> cell(entry, AuditEntry.Event::host))
        .mayGo(5)
        .cell("EVENT", AuditRows::type)
        .mayGo(2)
        .cell("WHAT", AuditRows::what)
        .wraps()
        .painted(AuditRows::paint)
        .cell("BEFORE", entry -> cell(entry, event -> event.previous().orElse("")))
        .mayGo(4)
        .element(AuditRows::write);
  }

  /** UTC, to the second. */
  public static String time(Instant at) {
    return Printable.time(at);
  }

  private static Paint paint(AuditEntry entry) {
    boolean failed =
        switch (entry) {
          case AuditEntry.Damaged _ -> true;
          case AuditEntry.Event event ->
              event.what() instanceof DeploymentEvent it && it.outcome().equals("failed");
        };
    return failed ? Paint.RED : Paint.NONE;
  }

  private static String cell(String text) {
    return text.isEmpty() ? "-" : Printable.of(text);
  }

  /** Nothing is known of a damaged one. */
  private static String cell(AuditEntry entry, Function<AuditEntry.Event, String> text) {
    return entry instanceof AuditEntry.Event event ? cell(text.apply(event)) : "-";
  }

  private static String type(AuditEntry entry) {
    return switch (entry) {
      case AuditEntry.Event event -> cell(event.what().type());
      case AuditEntry.Damaged damaged -> damaged.type();
    };
  }

  private static String what(AuditEntry entry) {
    return switch (entry) {
      case AuditEntry.Event event -> cell(what(event));
      case AuditEntry.Damaged damaged -> "(damaged) " + damaged.problem();
    };
  }

  private static String what(AuditEntry.Event event) {
    return switch (event.what()) {
      case PushEvent push ->
          push.image()
              + (push.skipped()
                  ? NOTHING_TO_DO
                  : push.archived() ? " (the replaced image was kept in archive/)" : "");
      case TagEvent tag -> "%s is %s".formatted(tag.version(), tag.image());
      case PromotionEvent promotion ->
          "%s: %s".formatted(promotion.environment(), promotion.source())
              + (promotion.skipped() ? NOTHING_TO_DO : "");
      case DeploymentEvent deployment ->
          "%s: %s %s".formatted(deployment.environment(), deployment.image(), deployment.outcome())
              + (deployment.reason().isEmpty() ? "" : ", " + deployment.reason());
      case CleanupEvent cleanup -> "%s: %s".formatted(cleanup.image(), cleanup.reason());
      case RemovalEvent removal ->
          "%s%s removed".formatted(removal.environment(), removal.version())
              + (removal.skipped() ? NOTHING_TO_DO : "");
      case RolloutEvent rollout ->
          "%s: rollout of %s %s".formatted(rollout.environment(), rollout.image(), rollout.step())
              + (rollout.reason().isEmpty() ? "" : ", " + rollout.reason());
      case OtherEvent other -> other.image().isEmpty() ? event.image() : other.image();
    };
  }

  private static void write(AuditEntry entry, JsonGenerator data) throws IOException {
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
