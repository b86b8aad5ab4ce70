package dev.s3dock.rollout;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.s3dock.image.AppName;
import dev.s3dock.image.Environment;
import dev.s3dock.image.ImageReference;
import dev.s3dock.image.Version;
import dev.s3dock.registry.Actor;
import dev.s3dock.registry.BucketLayout;
import dev.s3dock.registry.Documents;
import dev.s3dock.registry.ImageKey;
import dev.s3dock.registry.Pointer;
import dev.s3dock.registry.Pointers;
import dev.s3dock.registry.RegistryException;
import dev.s3dock.registry.audit.AuditLog;
import dev.s3dock.registry.audit.RolloutEvent;
import dev.s3dock.registry.promotion.Promotions;
import dev.s3dock.registry.promotion.Promotions.Way;
import dev.s3dock.rollout.RolloutState.Back;
import dev.s3dock.rollout.RolloutState.Word;
import dev.s3dock.rollout.RolloutView.Condition;
import dev.s3dock.store.ObjectKey;
import java.time.Clock;
import java.time.OffsetDateTime;
import java.util.Optional;

/**
 * Steers a rollout: each step is one compare-and-set of the pointer, on the state that was read,
 * and an audit event.
 */
public final class RolloutControl {
  private final Pointers pointers;
  private final Promotions promotions;
  private final AuditLog audit;
  private final Clock clock;
  private final Actor actor;

  public RolloutControl(
      Pointers pointers, Promotions promotions, AuditLog audit, Clock clock, Actor actor) {
    this.pointers = pointers;
    this.promotions = promotions;
    this.audit = audit;
    this.clock = clock;
    this.actor = actor;
  }

  /** The rollout of an environment; empty if its hosts follow all at once, or there is none. */
  public Optional<RolloutState> find(AppName app, Environment environment) {
    return pointers.find(app, environment).flatMap(this::of);
  }

  Optional<RolloutState> of(Pointer pointer) {
    return RolloutState.of(
        pointer,
        pointer.target() instanceof Pointer.Target.OfVersion of
            ? pointers.read(of.key())
            : Optional.empty());
  }

  /**
   * The rollout of an environment.
   *
   * @throws RegistryException {@link RegistryException.Kind#NOT_FOUND} if there is none
   */
  public RolloutState require(AppName app, Environment environment) {
    return find(app, environment)
        .orElseThrow(
            () ->
                RegistryException.notFound(
                    "%s of %s has no rollout: its hosts follow all at once; see `s3dock promote --help`"
                        .formatted(environment, app)));
  }

  /** No host begins from now on; those under way end. False if it was paused already. */
  public boolean pause(RolloutState rollout, String reason) {
    if (rollout.paused().isPresent()) {
      return false;
    }
    steer(rollout, RolloutEvent.PAUSED, rollout.saying(RolloutState.PAUSED, word(reason)), reason);
    return true;
  }

  /** Hosts go on. False if it was not paused. */
  public boolean resume(RolloutState rollout) {
    requireGoing(rollout);
    if (rollout.paused().isEmpty()) {
      return false;
    }
    steer(rollout, RolloutEvent.RESUMED, rollout.resumed(word("")), "");
    return true;
  }

  /** What the canaries run may go to all. False if it was approved already. */
  public boolean approve(RolloutState rollout) {
    requireGoing(rollout);
    if (rollout.approved().isPresent()) {
      return false;
    }
    steer(rollout, "approved", rollout.saying(RolloutState.APPROVED, word("")), "");
    return true;
  }

  private static void requireGoing(RolloutState rollout) {
    if (rollout.aborted().isPresent()) {
      throw RegistryException.conflict(
          "the rollout was aborted by %s; promote again".formatted(rollout.aborted().get().by()));
    }
  }

  /**
   * Ends it: the environment goes back to what was live before, and all hosts with it, at once.
   * Where there was nothing before, hosts that are done stay, and all others as they are.
   *
   * @return what it went back to; empty if there was nothing
   */
  public Optional<ImageReference> abort(RolloutState rollout, String reason) {
    if (rollout.back().isEmpty()) {
      steer(
          rollout,
          RolloutEvent.ABORTED,
          rollout.saying(RolloutState.ABORTED, word(reason)),
          reason);
      return Optional.empty();
    }
    return Optional.of(goBack(rollout, RolloutEvent.ABORTED, reason));
  }

  /**
   * Does what the plan says about a rollout that failed, or got stuck. Somebody else who was faster
   * is as good.
   *
   * @return what was done, in words; empty if nothing was due
   */
  public Optional<String> settle(RolloutState rollout, Condition condition) {
    try {
      return switch (condition.phase()) {
        case FAILED -> Optional.of(fail(rollout, condition.reason()));
        case STALLED -> Optional.of(stop(rollout, condition.reason()));
        default -> Optional.empty();
      };
    } catch (RegistryException e) {
      if (e.kind() == RegistryException.Kind.CONFLICT) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private String fail(RolloutState rollout, String reason) {
    return rollout.plan().onFailure() == RolloutPlan.OnFailure.ROLLBACK
            && rollout.back().isPresent()
        ? "the environment went back to %s: %s"
            .formatted(goBack(rollout, RolloutEvent.ROLLED_BACK, reason), reason)
        : stop(rollout, reason);
  }

  private String stop(RolloutState rollout, String reason) {
    pause(rollout, reason);
    return "the rollout was paused: " + reason;
  }

  /** Records that the target did not stay healthy on this host. */
  public void failed(RolloutState rollout, String reason) {
    append(image(rollout), rollout, RolloutEvent.FAILED, reason);
  }

  private ImageReference goBack(RolloutState rollout, String step, String reason) {
    ImageReference left = image(rollout);
    Promotions.Promoted promoted = promotions.go(way(rollout, rollout.back().orElseThrow()));
    append(left, rollout, step, reason);
    return promoted.image();
  }

  private Way way(RolloutState rollout, Back back) {
    ObjectKey key = new ObjectKey(back.key());
    Environment environment = BucketLayout.parsePointer(rollout.pointer().key()).orElseThrow();
    Optional<Pointer> before = Optional.of(rollout.pointer());
    Optional<ImageKey> archive = BucketLayout.parseImage(key);
    if (archive.isPresent()) {
      return new Way(archive.get().reference(), Optional.empty(), environment, before);
    }
    ImageReference image = ImageReference.parse(back.image());
    Optional<Version> version =
        BucketLayout.parseTag(key)
            .filter(
                name ->
                    pointers
                        .find(image.app(), name)
                        .filter(it -> pointers.follow(it).reference().equals(image))
                        .isPresent());
    return new Way(image, version, environment, before);
  }

  private ImageReference image(RolloutState rollout) {
    return pointers.follow(rollout.pointer()).reference();
  }

  private void steer(RolloutState rollout, String step, ObjectNode json, String reason) {
    ImageReference image = image(rollout);
    pointers.steer(rollout.pointer(), json);
    append(image, rollout, step, reason);
  }

  private void append(ImageReference image, RolloutState rollout, String step, String reason) {
    audit.append(
        image,
        new RolloutEvent(
            step,
            BucketLayout.parsePointer(rollout.pointer().key()).map(Environment::value).orElse(""),
            image.toString(),
            rollout.target(),
            reason));
  }

  private Word word(String reason) {
    return new Word(
        "%s on %s".formatted(actor.user(), actor.host()),
        Documents.time(OffsetDateTime.now(clock)),
        reason);
  }
}
