package dev.s3dock.registry.audit;

import dev.s3dock.image.AppName;
import dev.s3dock.image.ImageReference;
import dev.s3dock.registry.audit.AuditEntry.Event;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What speaks against going back to an image, gathered from new to old: its rollout was rolled
 * back, aborted, or paused and left so; or a host had failed with it last, while the others were
 * still to follow. Where all hosts follow at once, a failure on one is no verdict on the others.
 */
final class Objections {
  private final AppName app;
  private final Set<ImageReference> unwanted = new HashSet<>();
  private final Map<ImageReference, Trial> trials = new HashMap<>();

  Objections(AppName app) {
    this.app = app;
  }

  /** What was said of an image since a move has brought it. */
  private static final class Trial {
    final Map<String, Boolean> live = new HashMap<>();
    Optional<String> lastSteer = Optional.empty();
    boolean rollout;
    boolean ended;

    void add(String host, RolloutEvent event) {
      rollout = true;
      switch (event.step()) {
        case RolloutEvent.ROLLED_BACK, RolloutEvent.ABORTED -> ended = true;
        case RolloutEvent.FAILED -> add(host, false);
        case RolloutEvent.PAUSED, RolloutEvent.RESUMED ->
            lastSteer = lastSteer.or(() -> Optional.of(event.step()));
        default -> {
          // says nothing against it
        }
      }
    }

    /** A host that was tried again tells by its last try. */
    void add(String host, boolean isLive) {
      live.putIfAbsent(host, isLive);
    }

    boolean objects() {
      return ended
          || lastSteer.equals(Optional.of(RolloutEvent.PAUSED))
          || (rollout && live.containsValue(false));
    }
  }

  /** Takes in the next older event of the environment. */
  void add(Event event) {
    switch (event.what()) {
      case RolloutEvent step -> trial(event).ifPresent(it -> it.add(event.host(), step));
      case DeploymentEvent deployment ->
          trial(event).ifPresent(it -> it.add(event.host(), deployment.isLive()));
      case PromotionEvent promotion when !promotion.skipped() ->
          event.image(app).ifPresent(image -> begin(image, !promotion.rollout().isEmpty()));
      default -> {
        // no step of a rollout
      }
    }
  }

  private Optional<Trial> trial(Event event) {
    return event.image(app).map(image -> trials.computeIfAbsent(image, _ -> new Trial()));
  }

  /** All that was said until here is about this promotion; what is older is about another. */
  private void begin(ImageReference image, boolean rollout) {
    Trial trial = trials.remove(image);
    if (trial != null) {
      trial.rollout |= rollout;
      if (trial.objects()) {
        unwanted.add(image);
      }
    }
  }

  /** True if it is not to be gone back to, as far as was told until here. */
  boolean isAgainst(ImageReference image) {
    Trial trial = trials.get(image);
    return unwanted.contains(image) || (trial != null && trial.objects());
  }
}
