package dev.s3dock.registry.audit;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/**
 * What an audit event tells of its kind: each kind writes its {@code details} and reads them again.
 * Names, images and keys are the text that stands there, which is shown as it is, whoever wrote it;
 * what is absent is empty. Fields that no kind knows stay in the document of {@link
 * AuditEntry.Event}.
 */
public sealed interface AuditEvent
    permits PushEvent,
        TagEvent,
        PromotionEvent,
        DeploymentEvent,
        CleanupEvent,
        RemovalEvent,
        RolloutEvent,
        OtherEvent {
  /** The types of events that there are. */
  List<String> TYPES =
      List.of(
          PushEvent.TYPE,
          TagEvent.TYPE,
          PromotionEvent.TYPE,
          DeploymentEvent.DEPLOYED,
          DeploymentEvent.ROLLED_BACK,
          CleanupEvent.TYPE,
          RemovalEvent.TYPE,
          RolloutEvent.TYPE);

  /** The {@code event_type}. */
  String type();

  /** The environment that it is about. */
  default String environment() {
    return "";
  }

  /** What was there before: a key, or a name. */
  default String previous() {
    return "";
  }

  /** Adds its details. */
  void write(ObjectNode details);

  /** Reads the details of an event of this type. */
  static AuditEvent read(String type, ObjectNode details) {
    return switch (type) {
      case PushEvent.TYPE -> PushEvent.read(details);
      case TagEvent.TYPE -> TagEvent.read(details);
      case PromotionEvent.TYPE -> PromotionEvent.read(details);
      case DeploymentEvent.DEPLOYED, DeploymentEvent.ROLLED_BACK ->
          DeploymentEvent.read(type.equals(DeploymentEvent.ROLLED_BACK), details);
      case CleanupEvent.TYPE -> CleanupEvent.read(details);
      case RemovalEvent.TYPE -> RemovalEvent.read(details);
      case RolloutEvent.TYPE -> RolloutEvent.read(details);
      default -> new OtherEvent(type, details);
    };
  }
}
