package dev.s3dock.registry.audit;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.s3dock.image.Environment;
import dev.s3dock.image.ImageReference;
import dev.s3dock.registry.Actor;
import dev.s3dock.registry.BucketLayout;
import dev.s3dock.registry.Documents;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.ObjectStore;
import dev.s3dock.store.Precondition;
import dev.s3dock.store.StoreException;
import java.time.Clock;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** Writes one event per change, never over another one. */
public final class AuditLog {
  private static final int MAX_CLASHES = 10_000;

  private final ObjectStore store;
  private final Clock clock;
  private final Actor actor;

  /** Creates a log in this store; times come from the clock, in its zone. */
  public AuditLog(ObjectStore store, Clock clock, Actor actor) {
    this.store = store;
    this.clock = clock;
    this.actor = actor;
  }

  /** What happened; the values are the original's {@code event_type}. */
  public enum Event {
    PUSH("push"),
    TAG("tag"),
    PROMOTION("promotion"),
    DEPLOYMENT("deployment"),
    ROLLBACK("rollback"),
    CLEANUP("cleanup");

    private final String value;

    Event(String value) {
      this.value = value;
    }

    String value() {
      return value;
    }
  }

  /**
   * What a push did.
   *
   * @param skipped true if the very image was published already
   * @param archived true if another image was set aside for it
   */
  public record Pushed(
      ImageReference image,
      ObjectKey archive,
      String checksum,
      long size,
      boolean skipped,
      boolean archived) {}

  /**
   * Writes the event of a push.
   *
   * @throws StoreException if it cannot be written; the message tells what has taken effect
   */
  public void append(Pushed push) {
    append(
        Event.PUSH,
        push.image(),
        "%s is published".formatted(push.image()),
        details -> {
          details.put("image_reference", push.image().toString());
          details.put("s3_path", push.archive().value());
          details.put("checksum", push.checksum());
          details.put("size", push.size());
          if (push.skipped()) {
            details.put("was_skipped", true);
          }
          if (push.archived()) {
            details.put("was_archived", true);
          }
        });
  }

  /**
   * What a deployment or a rollback did on one host.
   *
   * @param rollback true if it went back, by itself or because it was asked to
   * @param image what it was to bring live
   * @param running what is live on the host now; empty if nothing is
   * @param previous what was live before; empty if nothing was
   * @param outcome {@code live}, or {@code failed}
   * @param reason why it failed or went back; empty for a deployment that went well
   * @param steps how long each step took, in milliseconds, in the order they ran
   */
  public record Deployed(
      boolean rollback,
      ImageReference image,
      Environment environment,
      String deployment,
      Optional<String> running,
      Optional<String> previous,
      String outcome,
      String reason,
      Map<String, Long> steps) {}

  /**
   * Writes the event of a deployment or a rollback.
   *
   * @throws StoreException if it cannot be written; the message tells what has taken effect
   */
  public void append(Deployed deployed) {
    append(
        deployed.rollback() ? Event.ROLLBACK : Event.DEPLOYMENT,
        deployed.image(),
        "%s of %s runs %s here"
            .formatted(
                deployed.environment(),
                deployed.image().app(),
                deployed.running().orElse("nothing")),
        details -> {
          details.put("environment", deployed.environment().value());
          details.put("deployment", deployed.deployment());
          details.put("image_reference", deployed.image().toString());
          details.put("outcome", deployed.outcome());
          deployed.running().ifPresent(running -> details.put("running", running));
          deployed.previous().ifPresent(previous -> details.put("previous", previous));
          if (!deployed.reason().isEmpty()) {
            details.put("reason", deployed.reason());
          }
          ObjectNode steps = details.putObject("durations_ms");
          deployed.steps().forEach(steps::put);
        });
  }

  /**
   * What a cleanup removes.
   *
   * @param removal which batch of which run; an event that is there twice has the same
   * @param reason why it goes
   * @param bytes that come back; 0 if that is not known
   * @param archives that go
   */
  public record Removed(
      ImageReference image, String removal, String reason, long bytes, List<ObjectKey> archives) {}

  /**
   * Writes the event of a removal, which is past its point of no return and not done yet.
   *
   * @throws StoreException if it cannot be written; the message tells what has taken effect
   */
  public void append(Removed removed) {
    append(
        Event.CLEANUP,
        removed.image(),
        "%s is to be removed and not readable any more; the next cleanup goes on with it"
            .formatted(removed.image()),
        details -> {
          details.put("image_reference", removed.image().toString());
          details.put("removal", removed.removal());
          details.put("reason", removed.reason());
          details.put("bytes", removed.bytes());
          ArrayNode archives = details.putArray("archives");
          removed.archives().forEach(key -> archives.add(key.value()));
        });
  }

  /**
   * Writes an event.
   *
   * @param effect what has taken effect, told if the event cannot be written
   * @throws StoreException if it cannot be written; the message tells the effect
   */
  public void append(
      Event event, ImageReference image, String effect, Consumer<ObjectNode> details) {
    OffsetDateTime now = OffsetDateTime.now(clock);
    byte[] content = Documents.write(document(event, image, now, details));
    for (int attempt = 1; attempt <= MAX_CLASHES; attempt++) {
      ObjectKey key =
          BucketLayout.audit(image.app(), now.toInstant(), event.value, image.hash(), attempt);
      try {
        store.put(key, content, Precondition.ifAbsent());
        return;
      } catch (StoreException e) {
        if (e.kind() != StoreException.Kind.PRECONDITION_FAILED) {
          throw e.after("%s, but its audit event %s could not be written".formatted(effect, key));
        }
      }
    }
    throw new StoreException(
        StoreException.Kind.FAILED,
        "%s, but %d audit events of its name exist already".formatted(effect, MAX_CLASHES));
  }

  private ObjectNode document(
      Event event, ImageReference image, OffsetDateTime at, Consumer<ObjectNode> details) {
    ObjectNode document = Documents.create();
    document.put("event_type", event.value);
    document.put("timestamp", Documents.time(at));
    document.put("user", actor.user());
    document.put("app_name", image.app().value());
    document.put("git_hash", image.hash());
    document.put("git_time", image.stamp().value());
    details.accept(document.putObject("details"));
    document.put("host", actor.host());
    document.put("tool", actor.tool());
    return document;
  }
}
