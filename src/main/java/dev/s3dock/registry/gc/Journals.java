package dev.s3dock.registry.gc;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.s3dock.image.AppName;
import dev.s3dock.image.Printable;
import dev.s3dock.registry.Actor;
import dev.s3dock.registry.BucketLayout;
import dev.s3dock.registry.DocumentWrites;
import dev.s3dock.registry.Documents;
import dev.s3dock.registry.ImageKey;
import dev.s3dock.registry.RegistryException;
import dev.s3dock.registry.Tombstone;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.ObjectStat;
import dev.s3dock.store.ObjectStore;
import dev.s3dock.store.Precondition;
import dev.s3dock.store.StoredObject;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** What cleanups are about to remove: one object for each batch, deleted when the batch is done. */
final class Journals {
  private static final int MAX_BYTES = 8 << 20;
  private static final Duration SKEW = Duration.ofMinutes(5);

  private final ObjectStore store;
  private final DocumentWrites writes;
  private final Clock clock;
  private final Actor actor;

  Journals(ObjectStore store, Clock clock, Actor actor) {
    this.store = store;
    this.writes = new DocumentWrites(store);
    this.clock = clock;
    this.actor = actor;
  }

  /** A batch of a cleanup; {@code images} tell the places of its metadata. */
  record Journal(ObjectKey key, String removal, List<ImageKey> images) {
    Journal {
      images = List.copyOf(images);
    }
  }

  /**
   * Writes down what is about to go.
   *
   * @param removal a name that no other batch has
   * @throws RegistryException {@link RegistryException.Kind#CONFLICT} if the store's clock and this
   *     machine's differ by more than five minutes: then neither ages nor bars can be told
   */
  Journal open(AppName app, String removal, List<ImageKey> images) {
    ObjectNode document = Documents.create();
    document.put("app_name", app.value());
    document.put("removal", removal);
    document.put("begun_at", Documents.time(OffsetDateTime.now(clock)));
    document.put("user", actor.user());
    document.put("host", actor.host());
    document.put("tool", actor.tool());
    ArrayNode keys = document.putArray("metadata");
    images.forEach(image -> keys.add(image.metadata().value()));
    Journal journal = new Journal(BucketLayout.journal(app, removal), removal, images);
    writes.put(journal.key(), document, Precondition.ifAbsent());
    requireSameTime(journal);
    return journal;
  }

  private void requireSameTime(Journal journal) {
    Instant now = clock.instant();
    Instant stored = store.head(journal.key()).map(ObjectStat::lastModified).orElse(now);
    if (Duration.between(stored, now).abs().compareTo(SKEW) > 0) {
      close(journal);
      throw RegistryException.conflict(
          "the clock of this machine says %s and that of %s says %s, so s3dock cannot tell what is old; nothing was removed: set the clock, and try again"
              .formatted(Printable.time(now), store.describe(), Printable.time(stored)));
    }
  }

  void close(Journal journal) {
    store.delete(journal.key());
  }

  /** Those whose cleanup is not at work any more. */
  List<Journal> interrupted(AppName app) {
    Instant oldest = clock.instant().minus(Tombstone.BARRED);
    try (Stream<ObjectStat> objects = store.list(BucketLayout.journalFolder(app))) {
      return objects
          .filter(object -> object.lastModified().isBefore(oldest))
          .flatMap(object -> store.get(object.key(), MAX_BYTES).stream())
          .map(Journals::parse)
          .toList();
    }
  }

  private static Journal parse(StoredObject object) {
    ObjectNode document = Documents.parse(object.key(), object.content());
    JsonNode keys = document.path("metadata");
    return new Journal(
        object.key(),
        Documents.text(document, "removal"),
        StreamSupport.stream(keys.spliterator(), false)
            .map(JsonNode::asText)
            .filter(ObjectKey::isValid)
            .flatMap(key -> BucketLayout.parseMetadata(new ObjectKey(key)).stream())
            .toList());
  }
}
