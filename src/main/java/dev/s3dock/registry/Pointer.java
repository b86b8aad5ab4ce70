package dev.s3dock.registry;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.s3dock.image.Digest;
import dev.s3dock.image.ImageReference;
import dev.s3dock.image.Printable;
import dev.s3dock.image.Version;
import dev.s3dock.store.ETag;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.StoredObject;
import java.nio.charset.StandardCharsets;
import java.time.OffsetDateTime;
import java.util.Optional;

/**
 * The object of an environment or of a version, as read.
 *
 * @param key where it lies
 * @param target what it leads to
 * @param promotedBy who wrote it
 * @param promotedAt when, as written
 * @param document all its fields, also unknown ones
 * @param etag the state that was read
 */
public record Pointer(
    ObjectKey key,
    Target target,
    String promotedBy,
    String promotedAt,
    ObjectNode document,
    ETag etag) {

  /** Largest pointer that is read, in bytes. */
  public static final int MAX_BYTES = 1 << 20;

  /** Field of a version that somebody is about to remove. */
  static final String REMOVING = "removing";

  /** Field that says how hosts follow it; see {@link #rollout}. */
  static final String ROLLOUT = "rollout";

  private static final String REMOVED = "removed";
  private static final String PROMOTED_AT = "promoted_at";

  /** What a pointer leads to. */
  public sealed interface Target {
    /** The key, as the pointer's {@code target_path} has it. */
    ObjectKey key();

    /** An image's archive. */
    record OfImage(ObjectKey key, ImageKey image) implements Target {
      /** An image that is published. */
      public static OfImage of(Published published) {
        return new OfImage(published.archive(), published.key());
      }
    }

    /** A version's object. */
    record OfVersion(ObjectKey key, Version version) implements Target {}
  }

  /** Reads a pointer; empty if it was taken back. */
  public static Optional<Pointer> parse(StoredObject object) {
    ObjectNode document = Documents.parse(object.key(), object.content());
    if (document.hasNonNull(ImageMetadata.TOMBSTONE)) {
      return Optional.empty();
    }
    return Optional.of(of(object, document));
  }

  /** What a pointer was that was removed by its name; empty for every other. */
  static Optional<Pointer> parseRemoved(StoredObject object) {
    ObjectNode document = Documents.parse(object.key(), object.content());
    return document.hasNonNull(ImageMetadata.TOMBSTONE)
            && document.path(REMOVED) instanceof ObjectNode removed
        ? Optional.of(of(object, removed))
        : Optional.empty();
  }

  private static Pointer of(StoredObject object, ObjectNode document) {
    return new Pointer(
        object.key(),
        target(object.key(), document),
        Documents.text(document, "promoted_by"),
        Documents.text(document, PROMOTED_AT),
        document,
        object.etag());
  }

  /** The fields of one that is removed: it counts as absent, and tells what it was. */
  ObjectNode removed(OffsetDateTime at, Actor actor) {
    ObjectNode removed = Documents.create();
    removed.put(ImageMetadata.TOMBSTONE, "removed by name");
    removed.put("removed_at", Documents.time(at));
    removed.put("removed_by", actor.user());
    removed.set(REMOVED, unmarked());
    DocumentWrites.sign(removed);
    return removed;
  }

  private static Target target(ObjectKey key, ObjectNode document) {
    String type = Documents.requiredText(key, document, "target_type");
    String path = Documents.requiredText(key, document, "target_path");
    ObjectKey targetKey = ObjectKey.isValid(path) ? new ObjectKey(path) : null;
    String folder = key.value().split("/", -1)[1];
    if (targetKey != null && path.contains("/" + folder + "/")) {
      Optional<Target> target =
          switch (type) {
            case "image" ->
                BucketLayout.parseImage(targetKey)
                    .filter(image -> !BucketLayout.isMetadata(targetKey))
                    .map(image -> new Target.OfImage(targetKey, image));
            case "tag" ->
                BucketLayout.parseTag(targetKey).map(v -> new Target.OfVersion(targetKey, v));
            default -> Optional.empty();
          };
      if (target.isPresent()) {
        return target.get();
      }
    }
    throw Documents.corrupt(
        key,
        "has no valid target: target_type '%s', target_path '%s'"
            .formatted(Printable.of(type), Printable.of(path)));
  }

  /** The image that was resolved when the pointer was written; may be empty. */
  public String sourceImage() {
    return Documents.text(document, "source_image");
  }

  /** The version that was promoted; empty if an image was. */
  public String sourceTag() {
    return Documents.text(document, "source_tag");
  }

  /**
   * How hosts follow it; empty if all do at once. A version of s3dock that knows no rollouts keeps
   * this field when it promotes something else, so the field says which promotion it is of.
   */
  public Optional<ObjectNode> rollout() {
    return document.path(ROLLOUT) instanceof ObjectNode rollout
            && Documents.text(rollout, PROMOTED_AT).equals(promotedAt)
        ? Optional.of(rollout)
        : Optional.empty();
  }

  /**
   * Identifies what hosts are to run by its rollout: the promotion, with the version where it leads
   * to one. No later promotion, and no later move of the version, has the same.
   *
   * @param version that it leads to; empty if it leads to an image
   * @return 16 hex digits; empty if all hosts follow at once
   */
  public Optional<String> rolloutTarget(Optional<Pointer> version) {
    return rollout()
        .map(
            json ->
                Documents.text(json, "id")
                    + version
                        .map(it -> "\n" + it.promotedAt() + "\n" + it.target().key().value())
                        .orElse(""))
        .map(text -> Digest.of(text.getBytes(StandardCharsets.UTF_8)).hex().substring(0, 16));
  }

  /** {@code image} or {@code tag}. */
  public String targetType() {
    return Documents.text(document, "target_type");
  }

  /** True if somebody is about to remove it. It is there, and who begins to follow it keeps it. */
  boolean isMarked() {
    return document.hasNonNull(REMOVING);
  }

  /** Its fields without such a mark. */
  ObjectNode unmarked() {
    ObjectNode unmarked = document.deepCopy();
    unmarked.remove(REMOVING);
    return unmarked;
  }

  /**
   * The fields of a pointer to write over {@code before}, whose unknown fields are kept.
   *
   * @param rollout how hosts follow it; empty if all do at once
   */
  static ObjectNode document(
      Optional<Pointer> before,
      Target target,
      ImageReference image,
      OffsetDateTime at,
      Actor actor,
      Optional<ObjectNode> rollout) {
    ObjectNode document = before.map(Pointer::unmarked).orElseGet(Documents::create);
    document.put("target_type", target instanceof Target.OfImage ? "image" : "tag");
    document.put("target_path", target.key().value());
    document.put(PROMOTED_AT, Documents.time(at));
    document.put("promoted_by", actor.user());
    document.put("git_hash", image.hash());
    document.put("git_time", image.stamp().value());
    document.put("source_image", image.toString());
    switch (target) {
      case Target.OfImage ignored -> document.remove("source_tag");
      case Target.OfVersion of -> document.put("source_tag", of.version().value());
    }
    document.remove(ROLLOUT);
    rollout.ifPresent(it -> document.set(ROLLOUT, it.put(PROMOTED_AT, Documents.time(at))));
    return document;
  }
}
