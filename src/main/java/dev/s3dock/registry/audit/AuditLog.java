package dev.s3dock.registry.audit;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.s3dock.image.ImageReference;
import dev.s3dock.registry.Actor;
import dev.s3dock.registry.BucketLayout;
import dev.s3dock.registry.DocumentWrites;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.ObjectStore;
import dev.s3dock.store.Precondition;
import dev.s3dock.store.StoreException;
import java.time.Clock;
import java.time.OffsetDateTime;
import java.util.random.RandomGenerator;

/** Writes one event per change, never over another one. */
public final class AuditLog {
  private static final int MAX_CLASHES = 10_000;

  private final DocumentWrites writes;
  private final Clock clock;
  private final Actor actor;

  /** Creates a log in this store; times come from the clock, in its zone. */
  public AuditLog(ObjectStore store, Clock clock, Actor actor) {
    this.writes = new DocumentWrites(store);
    this.clock = clock;
    this.actor = actor;
  }

  /**
   * Writes an event.
   *
   * @param image which it is about
   * @throws StoreException if it cannot be written; the message tells what has taken effect
   */
  public void append(ImageReference image, AuditEvent event) {
    OffsetDateTime now = OffsetDateTime.now(clock);
    ObjectNode document = AuditEntry.Event.document(event, image, now, actor);
    for (int attempt = 1; attempt <= MAX_CLASHES; attempt++) {
      ObjectKey key =
          BucketLayout.audit(
              image.app(), now.toInstant(), event.type(), image.hash(), number(event, attempt));
      try {
        writes.put(key, document, Precondition.ifAbsent());
        return;
      } catch (StoreException e) {
        if (e.kind() != StoreException.Kind.PRECONDITION_FAILED) {
          throw e.after(
              "%s, but its audit event %s could not be written"
                  .formatted(effect(image, event), key));
        }
      }
    }
    throw new StoreException(
        StoreException.Kind.FAILED,
        "%s, but %d audit events of its name exist already"
            .formatted(effect(image, event), MAX_CLASHES));
  }

  /** Many hosts deploy an image in the same minute: they do not try the same numbers in turn. */
  private static int number(AuditEvent event, int attempt) {
    return attempt == 1 || !(event instanceof DeploymentEvent)
        ? attempt
        : RandomGenerator.getDefault().nextInt(2, attempt < 5 ? 10_000 : 1_000_000_000);
  }

  /** What has taken effect, told where the event itself cannot be. */
  private static String effect(ImageReference image, AuditEvent event) {
    return switch (event) {
      case PushEvent _ -> image + " is published";
      case TagEvent tag -> "version %s of %s was written".formatted(tag.version(), image.app());
      case PromotionEvent promotion ->
          "%s of %s is at %s".formatted(promotion.environment(), image.app(), promotion.source());
      case DeploymentEvent deployment ->
          "%s of %s runs %s here"
              .formatted(
                  deployment.environment(),
                  image.app(),
                  deployment.running().isEmpty() ? "nothing" : deployment.running());
      case CleanupEvent _ ->
          "%s is to be removed and not readable any more; the next cleanup goes on with it"
              .formatted(image);
      case RemovalEvent removal ->
          "%s%s of %s was removed".formatted(removal.environment(), removal.version(), image.app());
      case RolloutEvent rollout ->
          "the rollout of %s to %s of %s was %s"
              .formatted(image, rollout.environment(), image.app(), rollout.step());
      case OtherEvent other -> "%s of %s is done".formatted(other.type(), image);
    };
  }
}
