package dev.s3dock.registry;

import dev.s3dock.image.AppName;
import dev.s3dock.image.ImageReference;
import dev.s3dock.registry.BucketLayout.ImageKey;
import dev.s3dock.registry.Removal.OfImage;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.ObjectStat;
import dev.s3dock.store.ObjectStore;
import dev.s3dock.store.StoreException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Finds what of an app may go, and removes it by way of {@link Removals}. */
public final class Cleanup {
  private final ObjectStore store;
  private final Clock clock;
  private final Needed needed;
  private final Removals removals;

  /** Creates it over these parts of one store. */
  public Cleanup(
      ObjectStore store,
      Pointers pointers,
      AuditTrail trail,
      AuditLog audit,
      Clock clock,
      Actor actor) {
    this(store, pointers, trail, audit, clock, actor, ParallelReads.AT_ONCE);
  }

  /**
   * As above.
   *
   * @param atOnce how many requests are made at the same time
   */
  Cleanup(
      ObjectStore store,
      Pointers pointers,
      AuditTrail trail,
      AuditLog audit,
      Clock clock,
      Actor actor,
      int atOnce) {
    this.store = store;
    this.clock = clock;
    this.needed = new Needed(store, pointers, trail, atOnce);
    this.removals = new Removals(store, clock, actor, audit, needed, atOnce);
  }

  /**
   * What would go, and what stays.
   *
   * @param imagesKept published commits that stay
   * @param interrupted batches of a cleanup that came to no end; applying this ends them first
   * @param uploadsKnown false if the store does not tell of unfinished uploads
   */
  public record Plan(
      AppName app, List<Removal> removals, int imagesKept, int interrupted, boolean uploadsKnown) {
    public Plan {
      removals = List.copyOf(removals);
    }

    /** The space that comes back, in bytes. */
    public long bytes() {
      return removals.stream().mapToLong(Removal::bytes).sum();
    }
  }

  /** Told what becomes of things. */
  public interface Listener {
    /** It is gone. */
    void removed(Removal removal);

    /** It stays after all. */
    void kept(Removal removal, String why);
  }

  /** The apps that have anything that cleanup may remove, in order. */
  public List<AppName> apps() {
    TreeSet<AppName> apps = new TreeSet<>();
    for (String root :
        List.of(
            BucketLayout.IMAGES,
            BucketLayout.SET_ASIDE,
            BucketLayout.TEMPORARY,
            BucketLayout.JOURNALS)) {
      try (Stream<String> folders = store.listFolders(root)) {
        folders.filter(AppName::isValid).map(AppName::new).forEach(apps::add);
      }
    }
    return List.copyOf(apps);
  }

  /**
   * Finds what would go. Changes nothing.
   *
   * @throws RegistryException {@link RegistryException.Kind#CORRUPT} if an object that may need an
   *     image cannot be read
   */
  public Plan plan(AppName app, Retention retention) {
    List<Removal> found = new ArrayList<>();
    int kept = planImages(app, retention, found);
    retention.asideFor().ifPresent(age -> planReplaced(app, age, found));
    planTemporary(app, found);
    boolean uploadsKnown = planUploads(app, found);
    return new Plan(app, found, kept, removals.interrupted(app), uploadsKnown);
  }

  /**
   * Ends what was interrupted, finds what goes, and removes it.
   *
   * @param listener told of each thing when it is gone, or stays after all
   * @throws RegistryException {@link RegistryException.Kind#CONFLICT} if this machine's clock and
   *     the store's differ too much to tell what is old
   */
  public Plan apply(AppName app, Retention retention, Listener listener) {
    removals.settle(app);
    Plan plan = plan(app, retention);
    if (!plan.removals().isEmpty()) {
      removals.remove(app, plan.removals(), listener);
    }
    return plan;
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
  }

  private static final Comparator<ImageKey> PLAIN_FIRST =
      Comparator.comparing(key -> key.platform().orElse(""));

  private record Place(ImageReference image, String month) {}

  private int planImages(AppName app, Retention retention, List<Removal> found) {
    Map<Place, Group> groups = groups(app);
    List<Removal> candidates = candidates(groups, retention);
    long images = groups.values().stream().filter(group -> !group.metadata.isEmpty()).count();
    if (!candidates.isEmpty()) {
      Set<ImageReference> keepers =
          candidates.stream().anyMatch(OfImage.class::isInstance)
              ? needed.all(app, retention.targets()).keySet()
              : needed.references(app).keySet();
      candidates.removeIf(candidate -> candidate.image().filter(keepers::contains).isPresent());
    }
    found.addAll(candidates);
    return (int) (images - candidates.stream().filter(OfImage.class::isInstance).count());
  }

  /** What may go unless something needs it. */
  private List<Removal> candidates(Map<Place, Group> groups, Retention retention) {
    Set<ImageReference> newest = newest(groups, retention);
    List<Removal> candidates = new ArrayList<>();
    groups.forEach(
        (place, group) -> {
          boolean goes =
              retention.letsImagesGo()
                  && !newest.contains(place.image())
                  && isOlder(group.youngest, retention.age());
          if (goes && !group.metadata.isEmpty()) {
            candidates.add(removal(place.image(), group, retention));
          } else {
            addOrphans(group, candidates);
          }
        });
    return candidates;
  }

  /** By commit, the newest first. */
  private Map<Place, Group> groups(AppName app) {
    Map<Place, Group> groups =
        new TreeMap<>(Comparator.comparing(Place::image).reversed().thenComparing(Place::month));
    try (Stream<ObjectStat> objects = store.list(BucketLayout.imageFolder(app))) {
      objects.forEach(
          object ->
              BucketLayout.parseImage(object.key())
                  .ifPresent(
                      key ->
                          groups
                              .computeIfAbsent(
                                  new Place(key.reference(), key.month()), place -> new Group())
                              .add(key, object)));
    }
    return groups;
  }

  private static Set<ImageReference> newest(Map<Place, Group> groups, Retention retention) {
    Set<ImageReference> newest = new HashSet<>();
    for (Map.Entry<Place, Group> entry : groups.entrySet()) {
      if (newest.size() >= retention.keepLast().orElse(0)) {
        break;
      }
      if (!entry.getValue().metadata.isEmpty()) {
        newest.add(entry.getKey().image());
      }
    }
    return newest;
  }

  private boolean isOlder(Instant time, Duration age) {
    return time.isBefore(clock.instant().minus(age));
  }

  private static OfImage removal(ImageReference image, Group group, Retention retention) {
    List<String> reasons = new ArrayList<>();
    retention.olderThan().ifPresent(age -> reasons.add("older than " + days(age)));
    retention.keepLast().ifPresent(most -> reasons.add("not among the last " + most));
    reasons.add("nothing needs it");
    return new OfImage(
        image,
        group.metadata.entrySet().stream()
            .map(entry -> new OfImage.Platform(entry.getKey(), entry.getValue()))
            .toList(),
        List.copyOf(group.archives.keySet()),
        String.join(", ", reasons));
  }

  private static String days(Duration age) {
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

  private void planReplaced(AppName app, Duration age, List<Removal> found) {
    Duration atLeast = age.compareTo(Retention.GRACE) > 0 ? age : Retention.GRACE;
    Map<String, List<ObjectStat>> pairs = new LinkedHashMap<>();
    try (Stream<ObjectStat> objects = store.list(BucketLayout.setAsideFolder(app))) {
      objects
          .filter(object -> BucketLayout.parseSetAside(object.key()).isPresent())
          .forEach(
              object ->
                  pairs.computeIfAbsent(stem(object.key()), s -> new ArrayList<>()).add(object));
    }
    for (List<ObjectStat> pair : pairs.values()) {
      if (pair.stream().allMatch(object -> isOlder(object.lastModified(), atLeast))) {
        found.add(
            new Removal.OfReplaced(
                BucketLayout.parseSetAside(pair.getFirst().key()).orElseThrow(),
                pair.reversed(),
                "replaced more than %s ago".formatted(days(atLeast))));
      }
    }
  }

  private static String stem(ObjectKey key) {
    return key.value().replaceFirst("\\.(json|tar\\.gz|tar\\.zst)$", "");
  }

  private void planTemporary(AppName app, List<Removal> found) {
    try (Stream<ObjectStat> objects = store.list(BucketLayout.temporaryFolder(app))) {
      objects
          .filter(object -> isOlder(object.lastModified(), Retention.GRACE))
          .forEach(
              object ->
                  found.add(
                      new Removal.OfTemporary(object, "left by a push that did not end well")));
    }
  }

  private boolean planUploads(AppName app, List<Removal> found) {
    for (String folder :
        List.of(
            BucketLayout.imageFolder(app),
            BucketLayout.setAsideFolder(app),
            BucketLayout.temporaryFolder(app))) {
      try (var uploads = store.unfinishedUploads(folder)) {
        uploads
            .filter(upload -> isOlder(upload.started(), Retention.GRACE))
            .forEach(
                upload -> found.add(new Removal.OfUpload(upload, "begun more than a day ago")));
      } catch (StoreException e) {
        if (e.kind() != StoreException.Kind.UNSUPPORTED) {
          throw e;
        }
        return false;
      }
    }
    return true;
  }
}
