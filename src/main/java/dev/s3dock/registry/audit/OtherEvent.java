package dev.s3dock.registry.audit;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.s3dock.registry.Documents;

/** An event of a type that another version of s3dock writes. */
public record OtherEvent(String type, ObjectNode details) implements AuditEvent {
  /** The image that it names. */
  public String image() {
    return Documents.text(details, "image_reference");
  }

  @Override
  public String environment() {
    return Documents.text(details, "environment");
  }

  @Override
  public String previous() {
    String target = Documents.text(details, "previous_target");
    return target.isEmpty() ? Documents.text(details, "previous") : target;
  }

  @Override
  public void write(ObjectNode document) {
    document.setAll(details);
  }
}
