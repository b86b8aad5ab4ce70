package dev.s3dock.registry;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.s3dock.image.AppName;
import dev.s3dock.image.Environment;
import dev.s3dock.registry.BucketLayout.EventKey;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.ObjectStat;
import dev.s3dock.store.ObjectStore;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Reads the audit trail, newest events first, and no more months of it than it needs. */
public final class AuditTrail {
  private static final int MAX_BYTES = 1 << 20;

  private final ObjectStore store;

  /** Creates a view of this store. */
  public AuditTrail(ObjectStore store) {
    this.store = store;
  }

  /**
   * What an environment led to before it was last moved: the key of an archive or of a version.
   * Empty if it was never moved, or its events are gone.
   */
  public Optional<ObjectKey> previousTarget(AppName app, Environment environment) {
    for (String month : months(app)) {
      List<EventKey> promotions = promotions(app, month);
      for (int from = 0; from < promotions.size(); ) {
        int to = endOfMinute(promotions, from);
        Optional<ObjectNode> move = newestMove(promotions.subList(from, to), environment);
        if (move.isPresent()) {
          return Optional.of(
                  Documents.text((ObjectNode) move.get().path("details"), "previous_target"))
              .filter(ObjectKey::isValid)
              .map(ObjectKey::new);
        }
        from = to;
      }
    }
    return Optional.empty();
  }

  private List<String> months(AppName app) {
    try (Stream<String> folders = store.listFolders(BucketLayout.auditFolder(app))) {
      return folders
          .filter(folder -> folder.matches("\\d{6}"))
          .sorted(Comparator.reverseOrder())
          .toList();
    }
  }

  private List<EventKey> promotions(AppName app, String month) {
    List<EventKey> events = new ArrayList<>();
    try (Stream<ObjectStat> objects = store.list(BucketLayout.auditFolder(app) + month + "/")) {
      objects
          .flatMap(object -> BucketLayout.parseEvent(object.key()).stream())
          .filter(event -> event.event().equals("promotion"))
          .forEach(events::add);
    }
    events.sort(
        Comparator.comparing(EventKey::minute)
            .reversed()
            .thenComparingInt(EventKey::ordinal)); // of equal times the later one is found last
    return events;
  }

  private static int endOfMinute(List<EventKey> events, int from) {
    int to = from;
    while (to < events.size() && events.get(to).minute().equals(events.get(from).minute())) {
      to++;
    }
    return to;
  }

  /** Keys of one minute do not tell the order, the events themselves do. */
  private Optional<ObjectNode> newestMove(List<EventKey> minute, Environment environment) {
    return minute.stream()
        .flatMap(event -> store.get(event.key(), MAX_BYTES).stream())
        .map(object -> Documents.parse(object.key(), object.content()))
        .filter(
            event ->
                event.path("details") instanceof ObjectNode details
                    && Documents.text(details, "environment").equals(environment.value())
                    && !details.path("was_skipped").asBoolean())
        .reduce((a, b) -> time(a).isAfter(time(b)) ? a : b);
  }

  private static Instant time(ObjectNode event) {
    return Documents.instant(event, "timestamp");
  }
}
