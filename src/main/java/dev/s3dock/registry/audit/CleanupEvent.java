package dev.s3dock.registry.audit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.s3dock.registry.Documents;
import java.util.ArrayList;
import java.util.List;

/**
 * What a cleanup removes; it is past its point of no return, and not done yet.
 *
 * @param removal which batch of which run; an event that is there twice has the same
 * @param reason why it goes
 * @param bytes that come back; 0 if that is not known
 * @param archives the keys of those that go
 */
public record CleanupEvent(
    String image, String removal, String reason, long bytes, List<String> archives)
    implements AuditEvent {
  static final String TYPE = "cleanup";

  public CleanupEvent {
    archives = List.copyOf(archives);
  }

  @Override
  public String type() {
    return TYPE;
  }

  static CleanupEvent read(ObjectNode details) {
    List<String> archives = new ArrayList<>();
    for (JsonNode archive : details.path("archives")) {
      archives.add(archive.asText());
    }
    return new CleanupEvent(
        Documents.text(details, "image_reference"),
        Documents.text(details, "removal"),
        Documents.text(details, "reason"),
        details.path("bytes").asLong(),
        archives);
  }

  @Override
  public void write(ObjectNode details) {
    details.put("image_reference", image);
    details.put("removal", removal);
    details.put("reason", reason);
    details.put("bytes", bytes);
    ArrayNode keys = details.putArray("archives");
    archives.forEach(keys::add);
  }
}
