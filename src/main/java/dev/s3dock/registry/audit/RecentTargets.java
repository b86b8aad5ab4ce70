package dev.s3dock.registry.audit;

import dev.s3dock.image.AppName;
import dev.s3dock.image.ImageReference;
import dev.s3dock.registry.BucketLayout;
import dev.s3dock.registry.ImageKey;
import dev.s3dock.registry.audit.AuditEntry.Event;
import dev.s3dock.store.ObjectKey;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Collects which images environments were at, out of events that come newest first: what was
 * promoted, what was there before, and what a version was before it was moved under an environment
 * that follows it.
 */
final class RecentTargets {
  private final AppName app;
  private final Map<String, String> versionOf;
  private final int targets;
  private final Map<String, Map<ImageReference, Instant>> found = new HashMap<>();
  private final Set<ImageReference> sought;
  private Instant complete = Instant.MAX;
  private boolean changed;
  private boolean foundAll;

  /**
   * Creates it.
   *
   * @param versionOf the environments there are, with the version that each follows; empty for none
   * @param targets how many images of each are wanted
   * @param sought when all of these are found, nothing else is of interest
   */
  RecentTargets(
      AppName app, Map<String, String> versionOf, int targets, Set<ImageReference> sought) {
    this.app = app;
    this.versionOf = Map.copyOf(versionOf);
    this.targets = targets;
    this.sought = Set.copyOf(sought);
    this.versionOf.keySet().forEach(environment -> found.put(environment, new HashMap<>()));
  }

  /** True if all that is sought is among the last targets. */
  boolean isComplete() {
    if (changed && !foundAll) {
      foundAll = images().keySet().containsAll(sought);
      changed = false;
    }
    return foundAll;
  }

  /**
   * True if enough is known, and what a key of this time tells is older than the last that was
   * needed for it. The keys of the original tell a local time.
   */
  boolean isCompleteAt(Instant time) {
    return !complete.equals(Instant.MAX) && time.plus(AuditQuery.BEHIND).isBefore(complete);
  }

  /** True if that is so for all keys of a month. */
  boolean isCompleteIn(YearMonth month) {
    return isCompleteAt(month.plusMonths(1).atDay(1).atStartOfDay().toInstant(ZoneOffset.UTC));
  }

  void add(Event event) {
    Optional<ImageReference> before = image(event.what().previous());
    switch (event.what()) {
      case PromotionEvent promotion when !promotion.skipped() ->
          add(promotion.environment(), event, before);
      case TagEvent tag when before.isPresent() ->
          versionOf.forEach(
              (environment, followed) -> {
                if (followed.equals(tag.version())) {
                  add(environment, event, before);
                }
              });
      default -> {
        // moves no environment
      }
    }
    if (complete.equals(Instant.MAX)
        && found.values().stream().allMatch(images -> images.size() >= targets)) {
      complete = event.at();
    }
  }

  private void add(String environment, Event event, Optional<ImageReference> before) {
    event.image(app).ifPresent(image -> add(environment, image, event.at()));
    before.ifPresent(image -> add(environment, image, event.at().minusNanos(1)));
  }

  private void add(String environment, ImageReference image, Instant at) {
    Map<ImageReference, Instant> images = found.get(environment);
    if (images != null) {
      images.merge(image, at, (one, other) -> one.isAfter(other) ? one : other);
      changed |= images.size() <= targets; // what comes after that is older than those, as a rule
    }
  }

  private static Optional<ImageReference> image(String key) {
    return Optional.of(key)
        .filter(ObjectKey::isValid)
        .map(ObjectKey::new)
        .flatMap(BucketLayout::parseImage)
        .map(ImageKey::reference);
  }

  /** What was found, with an environment that was at it. */
  Map<ImageReference, String> images() {
    Map<ImageReference, String> images = new HashMap<>();
    found.forEach(
        (environment, of) ->
            of.entrySet().stream()
                .sorted(Map.Entry.<ImageReference, Instant>comparingByValue().reversed())
                .limit(targets)
                .forEach(entry -> images.putIfAbsent(entry.getKey(), environment)));
    return images;
  }
}
