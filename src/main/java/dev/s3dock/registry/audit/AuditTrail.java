package dev.s3dock.registry.audit;

import dev.s3dock.concurrent.ParallelReads;
import dev.s3dock.image.AppName;
import dev.s3dock.image.Environment;
import dev.s3dock.image.ImageReference;
import dev.s3dock.image.InvalidNameException;
import dev.s3dock.image.Version;
import dev.s3dock.registry.BucketLayout;
import dev.s3dock.registry.EventKey;
import dev.s3dock.registry.ImageKey;
import dev.s3dock.registry.Pointer;
import dev.s3dock.registry.RegistryException;
import dev.s3dock.registry.audit.AuditEntry.Event;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.ObjectStore;
import java.time.Instant;
import java.time.YearMonth;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Reads the audit trail, newest events first, and no more months of it than it needs. */
public final class AuditTrail {
  private static final Set<String> MOVES = Set.of(PromotionEvent.TYPE, TagEvent.TYPE);

  private static final Set<String> DEPLOYMENTS =
      Set.of(DeploymentEvent.DEPLOYED, DeploymentEvent.ROLLED_BACK);

  private final EventObjects objects;
  private final int formerAtOnce;

  /** Creates a view of this store. */
  public AuditTrail(ObjectStore store) {
    this(store, ParallelReads.AT_ONCE);
  }

  /**
   * A view of this store.
   *
   * @param formerAtOnce how many events {@link #formerTarget} reads at the same time
   */
  public AuditTrail(ObjectStore store, int formerAtOnce) {
    this.objects = new EventObjects(store);
    this.formerAtOnce = formerAtOnce;
  }

  /**
   * What an environment led to.
   *
   * @param target the key of an archive or of a version
   * @param image what that was then; empty if the trail does not tell
   */
  public record Former(ObjectKey target, Optional<ImageReference> image) {}

  /**
   * Where an environment goes back to: to the last other target that was live on a host. Where none
   * was, to the last one that no host has tried in vain. Where hosts do not say what they run, what
   * was promoted counts as live.
   *
   * @param now the environment as it is
   * @param present the image that it leads to
   * @throws RegistryException {@link RegistryException.Kind#CORRUPT} if an event on the way is
   *     damaged
   */
  public Optional<Former> formerTarget(
      AppName app, Environment environment, Pointer now, ImageReference present) {
    FormerTargets targets = new FormerTargets(app, environment, now, present, isDeployed(app));
    for (YearMonth month : objects.months(app).reversed()) {
      Iterator<EventKey> keys =
          objects.latestFirst(app, month, key -> FormerTargets.TYPES.contains(key.event())).stream()
              .takeWhile(key -> !targets.isFoundAt(key.at()))
              .iterator();
      ParallelReads.inOrder(
          formerAtOnce, keys, this::event, event -> event.ifPresent(targets::add));
    }
    return targets.result();
  }

  /**
   * What a host has last brought live in an environment, as far as its events tell. Damaged ones
   * are passed over.
   *
   * @param since no older events are looked for
   */
  public Optional<DeploymentEvent> lastLive(
      AppName app, Environment environment, String host, Instant since) {
    Optional<Event> last = Optional.empty();
    String minute = "";
    for (YearMonth month : objects.months(app).reversed()) {
      for (EventKey key : objects.latestFirst(app, month, it -> isDeployment(it, since))) {
        if (last.isPresent() && !key.minute().equals(minute)) {
          return last.map(it -> (DeploymentEvent) it.what());
        }
        Optional<Event> event = liveEvent(key, environment, host);
        minute = event.isPresent() ? key.minute() : minute;
        last = Stream.of(last, event).flatMap(Optional::stream).max(AuditEntry.OLDEST_FIRST);
      }
    }
    return last.map(it -> (DeploymentEvent) it.what());
  }

  private static boolean isDeployment(EventKey key, Instant since) {
    return DEPLOYMENTS.contains(key.event()) && !key.at().isBefore(since);
  }

  private Optional<Event> liveEvent(EventKey key, Environment environment, String host) {
    try {
      return event(key)
          .filter(it -> it.isOf(environment) && it.host().equals(host))
          .filter(it -> it.what() instanceof DeploymentEvent of && of.isLive());
    } catch (RegistryException e) {
      return Optional.empty();
    }
  }

  private boolean isDeployed(AppName app) {
    return objects.months(app).reversed().stream()
        .anyMatch(
            month -> {
              try (Stream<EventKey> keys = objects.keys(app, month)) {
                return keys.anyMatch(key -> DEPLOYMENTS.contains(key.event()));
              }
            });
  }

  /** A promotion that moved something. */
  record Move(Event entry, PromotionEvent promotion) {
    /** What was promoted; empty if it does not tell. */
    Optional<ObjectKey> target(AppName app) {
      try {
        Optional<Version> version = promotion.version().map(Version::new);
        return version.isPresent()
            ? version.map(it -> BucketLayout.tag(app, it))
            : entry.image(app).map(image -> BucketLayout.image(image).metadata());
      } catch (InvalidNameException e) {
        return Optional.empty();
      }
    }
  }

  /** True also if the image is filed under another month. */
  static boolean isAt(Pointer pointer, ObjectKey key) {
    return switch (pointer.target()) {
      case Pointer.Target.OfImage of ->
          BucketLayout.parseImage(key)
              .map(ImageKey::reference)
              .equals(Optional.of(of.image().reference()));
      case Pointer.Target.OfVersion of -> of.key().equals(key);
    };
  }

  /**
   * Of some images those that an environment was at last, with the environment's name. Reads the
   * trail backwards until it knows so many of each environment, or that all of these images are
   * among the last ones, or there is no more.
   *
   * @param versionOf the environments there are, with the version that each follows; empty for none
   * @param sought the images it is about
   * @param atOnce how many events are read at the same time; so many more than needed may be read
   * @throws RegistryException {@link RegistryException.Kind#CORRUPT} if an event on the way is
   *     damaged
   */
  public Map<ImageReference, String> lastTargets(
      AppName app,
      Map<String, String> versionOf,
      int targets,
      Set<ImageReference> sought,
      int atOnce) {
    RecentTargets found = new RecentTargets(app, versionOf, targets, sought);
    for (YearMonth month : objects.months(app).reversed()) {
      if (found.isComplete() || found.isCompleteIn(month)) {
        break;
      }
      Iterator<EventKey> keys =
          objects.latestFirst(app, month, key -> MOVES.contains(key.event())).stream()
              .takeWhile(key -> !found.isComplete() && !found.isCompleteAt(key.at()))
              .iterator();
      ParallelReads.inOrder(atOnce, keys, this::event, event -> event.ifPresent(found::add));
    }
    Map<ImageReference, String> images = found.images();
    images.keySet().retainAll(sought);
    return images;
  }

  private Optional<Event> event(EventKey key) {
    return objects.get(key.key()).map(object -> Event.parse(object.key(), object.content()));
  }
}
