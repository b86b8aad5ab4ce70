package dev.s3dock.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.s3dock.image.Printable;
import dev.s3dock.store.ObjectKey;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Optional;

/**
 * The mark in an image's metadata that cleanup is removing it. It comes in two stages: the metadata
 * of an image that is <i>marked</i> is whole but for the mark, so that the mark can be taken away
 * again; that of one that is <i>being deleted</i> holds nothing else, and its archive is about to
 * go or gone.
 *
 * @param removal which run of cleanup has written it; no two have the same
 * @param at when
 */
public record Tombstone(Stage stage, String removal, Instant at) {
  /** How far the removal has come. */
  public enum Stage {
    MARKED("marked"),
    /** Stands as {@code condemned} in the bucket, as earlier versions wrote it. */
    DELETING("condemned");

    private final String value;

    Stage(String value) {
      this.value = value;
    }
  }

  /**
   * So long nobody publishes over a being deleted image: a delete of its archive may be on its way.
   * Ten minutes more than {@link #PATIENCE}, for clocks that differ.
   */
  public static final Duration BARRED = Duration.ofMinutes(15);

  /** Cleanup deletes nothing that it has being deleted longer ago. */
  public static final Duration PATIENCE = Duration.ofMinutes(5);

  /** The mark in a metadata; empty if there is none. One of unknown form counts as marked. */
  public static Optional<Tombstone> of(ObjectNode document) {
    JsonNode mark = document.path(ImageMetadata.TOMBSTONE);
    if (mark.isMissingNode() || mark.isNull()) {
      return Optional.empty();
    }
    ObjectNode fields = mark instanceof ObjectNode object ? object : Documents.create();
    boolean deleting = Documents.text(fields, "stage").equals(Stage.DELETING.value);
    return Optional.of(
        new Tombstone(
            deleting ? Stage.DELETING : Stage.MARKED,
            Documents.text(fields, "removal"),
            Documents.instant(fields, "at")));
  }

  public boolean isDeleting() {
    return stage == Stage.DELETING;
  }

  /** True if a delete of the archive may still be on its way. */
  public boolean bars(Instant now) {
    return isDeleting() && now.isBefore(at.plus(BARRED));
  }

  /** The same metadata with this mark in it. */
  public ObjectNode markIn(ObjectNode document, Actor actor, OffsetDateTime now) {
    ObjectNode marked = document.deepCopy();
    ObjectNode fields = marked.putObject(ImageMetadata.TOMBSTONE);
    fields.put("stage", stage.value);
    fields.put("removal", removal);
    fields.put("at", Documents.time(now));
    fields.put("user", actor.user());
    fields.put("host", actor.host());
    fields.put("tool", actor.tool());
    DocumentWrites.sign(fields);
    return marked;
  }

  /** The same metadata without its mark. */
  public static ObjectNode without(ObjectNode document) {
    ObjectNode restored = document.deepCopy();
    restored.remove(ImageMetadata.TOMBSTONE);
    return restored;
  }

  RegistryException inTheWay(ObjectKey metadata) {
    return RegistryException.conflict(
        "a cleanup has been removing the image of %s since %s; push it again when the cleanup has ended, at %s at the latest"
            .formatted(metadata, Printable.time(at), Printable.time(at.plus(BARRED))));
  }
}
