package dev.s3dock.registry.gc;

import dev.s3dock.image.AppName;
import dev.s3dock.image.ImageReference;
import dev.s3dock.registry.BucketLayout;
import dev.s3dock.registry.ImageKey;
import dev.s3dock.registry.ImageListing;
import dev.s3dock.registry.ImageListing.Listed;
import dev.s3dock.registry.gc.Removal.OfImage;
import dev.s3dock.store.ObjectStat;
import dev.s3dock.store.ObjectStore;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The images of an app as one listing has them, and what of them may go by their age. */
final class ListedImages {
  private final Map<Place, Group> groups =
      new TreeMap<>(Comparator.comparing(Place::image).reversed().thenComparing(Place::month));
  private final Instant now;

  private final Room room;

  private ListedImages(Instant now, Room room) {
    this.now = now;
    this.room = room;
  }

  /**
   * Lists them. Memory grows with the number of images of the app, about 2 KiB for each.
   *
   * @param room that each of them takes
   */
  static ListedImages of(ObjectStore store, AppName app, Instant now, Room room) {
    ListedImages images = new ListedImages(now, room);
    try (Stream<Listed> objects = new ImageListing(store).objects(app)) {
      objects.forEach(it -> it.image().ifPresent(key -> images.add(key, it.object())));
    }
    return images;
  }

  private void add(ImageKey key, ObjectStat object) {
    groups
        .computeIfAbsent(
            new Place(key.reference(), key.month()),
            place -> {
              room.take();
              return new Group();
            })
        .add(key, object);
  }

  /** The metadata of an image as listed; empty if it has none. */
  Optional<ObjectStat> metadata(ImageKey key) {
    return Optional.ofNullable(groups.get(new Place(key.reference(), key.month())))
        .map(group -> group.metadata.get(key));
  }

  /** The metadata of commits that have no archive at all, which is damage or a mark. */
  Map<ImageKey, ObjectStat> withoutArchive() {
    Map<ImageKey, ObjectStat> found = new LinkedHashMap<>();
    groups.values().stream()
        .filter(group -> group.archives.isEmpty())
        .forEach(group -> found.putAll(group.metadata));
    return found;
  }

  /** Metadata that is none. */
  void remove(ImageKey key) {
    Optional.ofNullable(groups.get(new Place(key.reference(), key.month())))
        .ifPresent(group -> group.metadata.remove(key));
  }

  /** How many commits have metadata. */
  int published() {
    return (int) groups.values().stream().filter(group -> !group.metadata.isEmpty()).count();
  }

  /** What a listing says of one commit in one month. */
  private static final class Group {
    final Map<ImageKey, ObjectStat> metadata = new TreeMap<>(PLAIN_FIRST);
    final Map<ObjectStat, ImageKey> archives = new LinkedHashMap<>();
    Instant youngest = Instant.MIN;

    void add(ImageKey key, ObjectStat object) {
      if (BucketLayout.isMetadata(object.key())) {
        metadata.put(key, object);
      } else {
        archives.put(object, key);
      }
      if (object.lastModified().isAfter(youngest)) {
        youngest = object.lastModified();
      }
    }

    /** When the last of its archives came. */
    Instant published() {
      return archives.keySet().stream()
          .map(ObjectStat::lastModified)
          .max(Comparator.naturalOrder())
          .orElse(Instant.EPOCH);
    }
  }

  private static final Comparator<ImageKey> PLAIN_FIRST =
      Comparator.comparing(key -> key.platform().orElse(""));

  private record Place(ImageReference image, String month) {}

  /** What may go unless something needs it, newest commit first. */
  List<Removal> candidates(Retention retention) {
    Set<ImageReference> newest = newest(retention);
    String reason = reason(retention);
    List<Removal> candidates = new ArrayList<>();
    groups.forEach(
        (place, group) -> {
          boolean goes =
              retention.letsImagesGo()
                  && !newest.contains(place.image())
                  && isOlder(group.youngest, retention.age());
          if (goes && !group.metadata.isEmpty()) {
            candidates.add(removal(place.image(), group, reason));
          } else {
            addOrphans(group, candidates);
          }
        });
    return candidates;
  }

  /** An image by its name, in each month that it is filed under. */
  List<Removal> named(ImageReference image, String reason) {
    List<Removal> found = new ArrayList<>();
    groups.forEach(
        (place, group) -> {
          if (place.image().equals(image) && !group.metadata.isEmpty()) {
            found.add(removal(image, group, reason));
          }
        });
    return found;
  }

  private Set<ImageReference> newest(Retention retention) {
    Set<ImageReference> newest = new HashSet<>();
    for (Map.Entry<Place, Group> entry : newestFirst()) {
      if (newest.size() >= retention.keepLast().orElse(0)) {
        break;
      }
      if (!entry.getValue().metadata.isEmpty()) {
        newest.add(entry.getKey().image());
      }
    }
    return newest;
  }

  /** Of commits of one minute, the one that was published last comes first, as in lists. */
  private List<Map.Entry<Place, Group>> newestFirst() {
    return groups.entrySet().stream()
        .sorted(
            Comparator.comparing((Map.Entry<Place, Group> entry) -> entry.getKey().image().stamp())
                .thenComparing(entry -> entry.getValue().published())
                .reversed())
        .toList();
  }

  private boolean isOlder(Instant time, Duration age) {
    return time.isBefore(now.minus(age));
  }

  private static String reason(Retention retention) {
    List<String> reasons = new ArrayList<>();
    retention.olderThan().ifPresent(age -> reasons.add("older than " + days(age)));
    retention.keepLast().ifPresent(most -> reasons.add("not among the last " + most));
    reasons.add("nothing needs it");
    return String.join(", ", reasons);
  }

  private static OfImage removal(ImageReference image, Group group, String reason) {
    return new OfImage(
        image,
        group.metadata.entrySet().stream()
            .map(entry -> new OfImage.Platform(entry.getKey(), entry.getValue()))
            .toList(),
        List.copyOf(group.archives.keySet()),
        reason);
  }

  /** Such as {@code 90d}. */
  static String days(Duration age) {
    return age.toHours() % 24 == 0 ? age.toDays() + "d" : age.toHours() + "h";
  }

  /** Those of which no metadata has the name, whatever form of archive it tells of. */
  private void addOrphans(Group group, List<Removal> found) {
    group.archives.forEach(
        (archive, key) -> {
          boolean described =
              group.metadata.keySet().stream()
                  .anyMatch(other -> other.platform().equals(key.platform()));
          if (!described && isOlder(archive.lastModified(), Retention.GRACE)) {
            found.add(
                new Removal.OfOrphan(key, archive, "its upload was not published within a day"));
          }
        });
  }
}
