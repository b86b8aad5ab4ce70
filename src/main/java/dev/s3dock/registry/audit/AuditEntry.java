package dev.s3dock.registry.audit;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.s3dock.image.Environment;
import dev.s3dock.registry.BucketLayout;
import dev.s3dock.registry.Documents;
import dev.s3dock.registry.EventKey;
import dev.s3dock.registry.RegistryException;
import dev.s3dock.store.ObjectKey;
import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;

/** What lies under the key of an audit event. */
public sealed interface AuditEntry {
  /** By time; of equal times, the one that was written later comes later. */
  Comparator<AuditEntry> OLDEST_FIRST =
      Comparator.comparing(AuditEntry::at)
          .thenComparingInt(entry -> ordinal(entry.key()))
          .thenComparing(AuditEntry::key);

  /** Where it lies. */
  ObjectKey key();

  /** When it happened. */
  Instant at();

  /** What kind of event it is, such as {@code promotion}. */
  String type();

  /**
   * An event.
   *
   * @param document all its fields, also unknown ones
   */
  record Event(ObjectKey key, Instant at, String type, ObjectNode document) implements AuditEntry {
    /**
     * Reads an event.
     *
     * @throws RegistryException {@link RegistryException.Kind#CORRUPT} if it does not tell what
     *     happened and when
     */
    public static Event parse(ObjectKey key, byte[] content) {
      ObjectNode document = Documents.parse(key, content);
      return new Event(
          key,
          Documents.time(key, document, "timestamp").toInstant(),
          Documents.requiredText(key, document, "event_type"),
          document);
    }

    /** A field of the event itself, such as {@code user}; empty if there is no such text. */
    public String text(String field) {
      return Documents.text(document, field);
    }

    /** A field of its details, such as {@code environment}; empty if there is no such text. */
    public String detail(String field) {
      return document.path("details") instanceof ObjectNode details
          ? Documents.text(details, field)
          : "";
    }

    /** True if its details say so, such as {@code was_skipped}. */
    public boolean says(String field) {
      return document.path("details").path(field).asBoolean();
    }

    /** True if it is about this environment. */
    boolean isOf(Environment environment) {
      return detail("environment").equals(environment.value());
    }

    /** The image that it is about, by the commit; such as {@code app:stamp-hash}. */
    public String image() {
      return "%s:%s-%s".formatted(text("app_name"), text("git_time"), text("git_hash"));
    }

    /**
     * What was there before: {@code app:stamp-hash} or {@code app:version}. Empty if nothing was,
     * or the event does not tell.
     */
    public Optional<String> previous() {
      String key = detail("previous_target");
      String name = key.isEmpty() ? detail("previous") : nameOf(key);
      return Optional.of(name).filter(known -> !known.isEmpty());
    }

    /** A text that is no key of an archive or a version stays as it is. */
    private String nameOf(String key) {
      Optional<ObjectKey> target = Optional.of(key).filter(ObjectKey::isValid).map(ObjectKey::new);
      return target
          .flatMap(BucketLayout::parseImage)
          .map(image -> image.reference().toString())
          .or(
              () ->
                  target
                      .flatMap(BucketLayout::parseTag)
                      .map(version -> text("app_name") + ":" + version))
          .orElse(key);
    }
  }

  /**
   * An object that is no event.
   *
   * @param at the minute in its key
   * @param type the one in its key
   * @param problem what is wrong with it
   */
  record Damaged(ObjectKey key, Instant at, String type, String problem) implements AuditEntry {
    static Damaged of(EventKey key, RuntimeException reason) {
      return new Damaged(key.key(), key.at(), key.event(), String.valueOf(reason.getMessage()));
    }
  }

  private static int ordinal(ObjectKey key) {
    return BucketLayout.parseEvent(key).map(EventKey::ordinal).orElse(1);
  }
}
