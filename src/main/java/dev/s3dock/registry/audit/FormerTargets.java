package dev.s3dock.registry.audit;

import dev.s3dock.image.AppName;
import dev.s3dock.image.Environment;
import dev.s3dock.image.ImageReference;
import dev.s3dock.image.InvalidNameException;
import dev.s3dock.registry.BucketLayout;
import dev.s3dock.registry.ImageKey;
import dev.s3dock.registry.Pointer;
import dev.s3dock.registry.audit.AuditEntry.Event;
import dev.s3dock.registry.audit.AuditTrail.Former;
import dev.s3dock.store.ObjectKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Finds what an environment led to before, and was live and healthy: of the targets that it had,
 * the last one whose image a host has brought live since, and that nothing speaks against, see
 * {@link Objections}. Where no target was, the last one that no host has tried in vain. Events may
 * come in any order that is about from new to old.
 */
final class FormerTargets {
  static final Set<String> TYPES =
      Set.of(
          PromotionEvent.TYPE,
          TagEvent.TYPE,
          DeploymentEvent.DEPLOYED,
          DeploymentEvent.ROLLED_BACK,
          RolloutEvent.TYPE);

  private final AppName app;
  private final Environment environment;
  private final Pointer now;
  private final ImageReference present;
  private final boolean deployed;
  private final List<Event> events = new ArrayList<>();
  private Optional<Found> found = Optional.empty();
  private boolean changed;

  /** The event that has shown it. */
  private record Found(Former former, Instant at) {}

  /**
   * Creates it.
   *
   * @param now the environment as it is
   * @param present the image that it leads to
   * @param deployed whether hosts tell what was live; else what was promoted counts
   */
  FormerTargets(
      AppName app, Environment environment, Pointer now, ImageReference present, boolean deployed) {
    this.app = app;
    this.environment = environment;
    this.now = now;
    this.present = present;
    this.deployed = deployed;
  }

  void add(Event event) {
    if (event.isOf(environment) || event.what() instanceof TagEvent) {
      events.add(event);
      changed |= found.isPresent() || isMove(event); // a move shows it
    }
  }

  private static boolean isMove(Event event) {
    return event.what() instanceof PromotionEvent || event.what() instanceof TagEvent;
  }

  /** True if it is known, and no key of this time can tell anything newer. */
  boolean isFoundAt(Instant time) {
    if (changed) {
      found = new Look().look();
      changed = false;
    }
    return found.filter(it -> time.plus(AuditQuery.BEHIND).isBefore(it.at())).isPresent();
  }

  /** What was found in all that was added. */
  Optional<Former> result() {
    Look look = new Look();
    return look.look().map(Found::former).or(() -> look.untried());
  }

  /** One way through the events, from new to old. */
  private final class Look {
    private final Set<ImageReference> live = new HashSet<>();
    private final Set<ImageReference> failed = new HashSet<>();
    private final List<Former> others = new ArrayList<>();
    private final Objections objections = new Objections(app);
    private Optional<Former> pending = Optional.empty();
    private boolean moved;

    Optional<Found> look() {
      events.sort(AuditEntry.OLDEST_FIRST);
      for (Event event : events.reversed()) {
        objections.add(event);
        Optional<Former> former =
            switch (event.what()) {
              case DeploymentEvent deployment -> seen(deployment);
              case PromotionEvent promotion when !promotion.skipped() -> left(event, promotion);
              case TagEvent tag when !moved && isFollowed(tag) -> movedUnder(tag);
              default -> Optional.empty();
            };
        if (former.isPresent()) {
          return former.map(it -> new Found(it, event.at()));
        }
      }
      Optional<Former> last = pending.filter(this::wasHealthy);
      pending.ifPresent(others::add);
      return last.map(it -> new Found(it, Instant.EPOCH));
    }

    /** The last that nobody has tried in vain. */
    Optional<Former> untried() {
      return others.stream().filter(it -> it.image().map(this::isUntried).orElse(true)).findFirst();
    }

    private boolean isUntried(ImageReference image) {
      return !failed.contains(image) && !objections.isAgainst(image);
    }

    private Optional<Former> seen(DeploymentEvent deployment) {
      reference(deployment.running()).ifPresent(live::add);
      if (!deployment.isLive()) {
        reference(deployment.image()).filter(it -> !live.contains(it)).ifPresent(failed::add);
      }
      return Optional.empty(); // what has brought it may be older than what speaks against it
    }

    /** What a promotion brought was live if a host has said so after it. */
    private Optional<Former> left(Event event, PromotionEvent promotion) {
      AuditTrail.Move move = new AuditTrail.Move(event, promotion);
      moved = true;
      Optional<Former> brought =
          move.target(app).map(key -> new Former(key, event.image(app))).filter(this::isAnother);
      Optional<Former> lost =
          pending.filter(it -> !brought.map(Former::target).equals(Optional.of(it.target())));
      lost.ifPresent(others::add);
      brought.ifPresent(others::add);
      before(promotion.previous());
      return lost.filter(this::wasHealthy).or(() -> brought.filter(this::wasHealthy));
    }

    /** A version was moved, and the environment with it. */
    private Optional<Former> movedUnder(TagEvent tag) {
      Optional<Former> newer = pending;
      newer.ifPresent(others::add);
      before(tag.previous());
      return newer.filter(this::wasHealthy);
    }

    /** What comes next, as far as a key tells it; its own event may be lost. */
    private void before(String key) {
      pending =
          Optional.of(key)
              .filter(ObjectKey::isValid)
              .map(ObjectKey::new)
              .map(it -> new Former(it, BucketLayout.parseImage(it).map(ImageKey::reference)))
              .filter(this::isAnother);
    }

    private boolean wasHealthy(Former former) {
      return former
          .image()
          .filter(it -> !deployed || live.contains(it))
          .filter(it -> !objections.isAgainst(it))
          .isPresent();
    }

    private boolean isAnother(Former former) {
      return !AuditTrail.isAt(now, former.target()) && !former.image().equals(Optional.of(present));
    }

    private boolean isFollowed(TagEvent tag) {
      return now.target() instanceof Pointer.Target.OfVersion of
          && of.version().value().equals(tag.version())
          && !tag.previous().isEmpty();
    }
  }

  private static Optional<ImageReference> reference(String text) {
    try {
      return Optional.of(ImageReference.parse(text));
    } catch (InvalidNameException e) {
      return Optional.empty(); // a container that s3dock did not deploy
    }
  }
}
