package dev.s3dock.registry;

import dev.s3dock.image.AppName;
import dev.s3dock.image.ImageReference;
import dev.s3dock.registry.AuditEntry.Event;
import dev.s3dock.registry.BucketLayout.EventKey;
import dev.s3dock.store.ObjectKey;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Collects which images environments were at, out of events that come newest first: what was
 * promoted, what was there before, and what a version was before it was moved under an environment
 * that follows it.
 */
final class LastTargets {
  private final AppName app;
  private final Map<String, String> versionOf;
  private final int targets;
  private final Map<String, Map<ImageReference, Instant>> found = new HashMap<>();
  private Instant complete = Instant.MAX;

  /**
   * Creates it.
   *
   * @param versionOf the environments there are, with the version that each follows; empty for none
   * @param targets how many images of each are wanted
   */
  LastTargets(AppName app, Map<String, String> versionOf, int targets) {
    this.app = app;
    this.versionOf = Map.copyOf(versionOf);
    this.targets = targets;
    this.versionOf.keySet().forEach(environment -> found.put(environment, new HashMap<>()));
  }

  /**
   * True if enough is known, and what lies at this key is older than the last that was needed for
   * it. The keys of the original tell a local time.
   */
  boolean isCompleteAt(EventKey key) {
    return key.at().plus(AuditQuery.BEHIND).isBefore(complete) && !complete.equals(Instant.MAX);
  }

  void add(Event event) {
    Optional<ImageReference> before = image(event.detail("previous_target"));
    if (event.type().equals("promotion") && !event.says("was_skipped")) {
      String environment = event.detail("environment");
      image(event).ifPresent(image -> add(environment, image, event.at()));
      before.ifPresent(image -> add(environment, image, event.at().minusNanos(1)));
    } else if (event.type().equals("tag") && before.isPresent()) {
      String version = event.detail("version");
      versionOf.forEach(
          (environment, followed) -> {
            if (followed.equals(version)) {
              image(event).ifPresent(image -> add(environment, image, event.at()));
              add(environment, before.get(), event.at().minusNanos(1));
            }
          });
    }
    if (complete.equals(Instant.MAX)
        && found.values().stream().allMatch(images -> images.size() >= targets)) {
      complete = event.at();
    }
  }

  private void add(String environment, ImageReference image, Instant at) {
    Map<ImageReference, Instant> images = found.get(environment);
    if (images != null) {
      images.merge(image, at, (one, other) -> one.isAfter(other) ? one : other);
    }
  }

  private Optional<ImageReference> image(Event event) {
    return ImageReference.ofTag(app, event.text("git_time") + "-" + event.text("git_hash"));
  }

  private static Optional<ImageReference> image(String key) {
    return Optional.of(key)
        .filter(ObjectKey::isValid)
        .map(ObjectKey::new)
        .flatMap(BucketLayout::parseImage)
        .map(BucketLayout.ImageKey::reference);
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
