package dev.s3dock.registry.audit;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.s3dock.image.AppName;
import dev.s3dock.image.Environment;
import dev.s3dock.image.ImageReference;
import dev.s3dock.registry.Actor;
import dev.s3dock.registry.BucketLayout;
import dev.s3dock.registry.Documents;
import dev.s3dock.registry.EventKey;
import dev.s3dock.registry.RegistryException;
import dev.s3dock.store.ObjectKey;
import java.time.Instant;
import java.time.OffsetDateTime;
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

  /**
   * An event.
   *
   * @param what what its kind tells
   * @param document all its fields, also unknown ones
   */
  record Event(ObjectKey key, Instant at, AuditEvent what, ObjectNode document)
      implements AuditEntry {
    /**
     * Reads an event.
     *
     * @throws RegistryException {@link RegistryException.Kind#CORRUPT} if it does not tell what
     *     happened and when
     */
    public static Event parse(ObjectKey key, byte[] content) {
      ObjectNode document = Documents.parse(key, content);
      Instant at = Documents.time(key, document, "timestamp").toInstant();
      String type = Documents.requiredText(key, document, "event_type");
      ObjectNode details =
          document.path("details") instanceof ObjectNode object ? object : Documents.create();
      return new Event(key, at, AuditEvent.read(type, details), document);
    }

    /** The document of an event that happens now. */
    static ObjectNode document(
        AuditEvent what, ImageReference image, OffsetDateTime at, Actor actor) {
      ObjectNode document = Documents.create();
      document.put("event_type", what.type());
      document.put("timestamp", Documents.time(at));
      document.put("user", actor.user());
      document.put("app_name", image.app().value());
      document.put("git_hash", image.hash());
      document.put("git_time", image.stamp().value());
      what.write(document.putObject("details"));
      document.put("host", actor.host());
      document.put("tool", actor.tool());
      return document;
    }

    /** Who did it; empty if it does not tell. */
    public String user() {
      return Documents.text(document, "user");
    }

    /** On which machine; empty if it does not tell. */
    public String host() {
      return Documents.text(document, "host");
    }

    /** True if it is about this environment. */
    boolean isOf(Environment environment) {
      return what.environment().equals(environment.value());
    }

    /** The image that it is about, by the commit; such as {@code app:stamp-hash}. */
    public String image() {
      return app() + ":" + tag();
    }

    /** The image of this app that it is about; empty if it names no commit. */
    Optional<ImageReference> image(AppName app) {
      return ImageReference.ofTag(app, tag());
    }

    private String app() {
      return Documents.text(document, "app_name");
    }

    private String tag() {
      return Documents.text(document, "git_time") + "-" + Documents.text(document, "git_hash");
    }

    /**
     * What was there before: {@code app:stamp-hash} or {@code app:version}. Empty if nothing was,
     * or the event does not tell.
     */
    public Optional<String> previous() {
      return Optional.of(what.previous()).filter(known -> !known.isEmpty()).map(this::nameOf);
    }

    /** A text that is no key of an archive or a version stays as it is. */
    private String nameOf(String key) {
      Optional<ObjectKey> target = Optional.of(key).filter(ObjectKey::isValid).map(ObjectKey::new);
      return target
          .flatMap(BucketLayout::parseImage)
          .map(image -> image.reference().toString())
          .or(() -> target.flatMap(BucketLayout::parseTag).map(version -> app() + ":" + version))
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
