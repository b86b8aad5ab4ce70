package dev.s3dock.registry.gc;

import dev.s3dock.concurrent.ParallelReads;
import dev.s3dock.image.AppName;
import dev.s3dock.image.ImageReference;
import dev.s3dock.image.Printable;
import dev.s3dock.registry.Actor;
import dev.s3dock.registry.BucketLayout;
import dev.s3dock.registry.BucketLayout.SetAside;
import dev.s3dock.registry.Images;
import dev.s3dock.registry.Pointers;
import dev.s3dock.registry.RegistryException;
import dev.s3dock.registry.audit.AuditLog;
import dev.s3dock.registry.audit.AuditTrail;
import dev.s3dock.registry.gc.Removal.OfImage;
import dev.s3dock.store.ObjectStat;
import dev.s3dock.store.ObjectStore;
import dev.s3dock.store.StoreException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Finds what of an app may go, and removes it by way of {@link GarbageCollector}. */
public final class Cleanup {
  private final ObjectStore store;
  private final Clock clock;
  private final LiveReferences needed;
  private final GarbageCollector removals;
  private final long most;
  private final Images images;
  private final EndedRollouts rollouts;
  private final int atOnce;

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
  public Cleanup(
      ObjectStore store,
      Pointers pointers,
      AuditTrail trail,
      AuditLog audit,
      Clock clock,
      Actor actor,
      int atOnce) {
    this(store, pointers, trail, audit, clock, actor, atOnce, Room.ofMemory());
  }

  /**
   * As above.
   *
   * @param most things of one app that are held in memory
   */
  Cleanup(
      ObjectStore store,
      Pointers pointers,
      AuditTrail trail,
      AuditLog audit,
      Clock clock,
      Actor actor,
      int atOnce,
      long most) {
    this.most = most;
    this.images = new Images(store, clock);
    this.atOnce = atOnce;
    this.store = store;
    this.clock = clock;
    this.needed = new LiveReferences(store, pointers, trail, atOnce);
    this.rollouts = new EndedRollouts(store, pointers, atOnce);
    this.removals = new GarbageCollector(store, clock, actor, audit, needed, rollouts, atOnce);
  }

  /**
   * What would go, and what stays.
   *
   * @param imagesKept published commits that stay
   * @param needed of these, what the rules would let go, with what needs it
   * @param interrupted batches of a cleanup that came to no end; applying this ends them first
   * @param uploadsKnown false if the store does not tell of unfinished uploads
   */
  public record Plan(
      AppName app,
      List<Removal> removals,
      int imagesKept,
      SortedMap<ImageReference, String> needed,
      int interrupted,
      boolean uploadsKnown) {
    public Plan {
      removals = List.copyOf(removals);
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
            BucketLayout.MANIFESTS,
            BucketLayout.SET_ASIDE,
            BucketLayout.TEMPORARY,
            BucketLayout.JOURNALS,
            BucketLayout.ROLLOUTS)) {
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
   *     image cannot be read; {@link RegistryException.Kind#TOO_MANY} if memory is too small for
   *     all that the app has
   */
  public Plan plan(AppName app, Retention retention) {
    List<Removal> found = new ArrayList<>();
    Room room = new Room(app, most);
    SortedMap<ImageReference, String> needed = new TreeMap<>();
    ListedImages listed = ListedImages.of(store, app, clock.instant(), room);
    planMarks(listed, room, found);
    int kept = planImages(app, retention, listed, found, needed);
    planManifests(app, listed, room, found);
    retention.asideFor().ifPresent(age -> planReplaced(app, age, room, found));
    planTemporary(app, room, found);
    found.addAll(rollouts.find(app, clock.instant().minus(Retention.GRACE), room));
    boolean uploadsKnown = planUploads(app, room, found);
    return new Plan(app, found, kept, needed, removals.interrupted(app), uploadsKnown);
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

  /**
   * Finds an image by its name, with all its platforms. Changes nothing.
   *
   * @param targets so many images that an environment was at last are needed, to go back to
   * @throws RegistryException {@link RegistryException.Kind#CONFLICT} if a version, an environment
   *     or a host needs it; {@link RegistryException.Kind#CORRUPT} if an object that may need it
   *     cannot be read
   */
  public List<Removal> named(ImageReference image, int targets) {
    List<String> reasons = new ArrayList<>(needed.reasons(image.app(), image));
    if (reasons.isEmpty()) {
      reasons.addAll(needed.among(image.app(), Set.of(image), targets).values());
    }
    if (!reasons.isEmpty()) {
      throw RegistryException.conflict(
          "%s is needed (%s); nothing was removed: an image goes when nothing names it any more"
              .formatted(image, Printable.of(String.join(", ", reasons))));
    }
    return ListedImages.of(store, image.app(), clock.instant(), new Room(image.app(), most))
        .named(image, "removed by name");
  }

  /** Removes what {@link #named} has found, if it is as it was and still not needed. */
  public void remove(AppName app, List<Removal> named, Listener listener) {
    removals.settle(app);
    removals.remove(app, named, listener);
  }

  private int planImages(
      AppName app,
      Retention retention,
      ListedImages listed,
      List<Removal> found,
      Map<ImageReference, String> needed) {
    List<Removal> candidates = listed.candidates(retention);
    if (!candidates.isEmpty()) {
      Map<ImageReference, String> keepers = keepers(app, candidates, retention);
      candidates.stream()
          .filter(OfImage.class::isInstance)
          .flatMap(candidate -> candidate.image().stream())
          .filter(keepers::containsKey)
          .forEach(image -> needed.put(image, String.valueOf(keepers.get(image))));
      candidates.removeIf(candidate -> candidate.image().filter(keepers::containsKey).isPresent());
    }
    found.addAll(candidates);
    return listed.published() - (int) candidates.stream().filter(OfImage.class::isInstance).count();
  }

  /** Of the candidates those that are needed; an archive alone was never promoted. */
  private Map<ImageReference, String> keepers(
      AppName app, List<Removal> candidates, Retention retention) {
    if (candidates.stream().noneMatch(OfImage.class::isInstance)) {
      return needed.references(app);
    }
    Set<ImageReference> images =
        candidates.stream()
            .flatMap(candidate -> candidate.image().stream())
            .collect(Collectors.toSet());
    return needed.among(app, images, retention.targets());
  }

  private void planMarks(ListedImages listed, Room room, List<Removal> found) {
    new ListedMarks(store, listed, atOnce)
        .take(clock.instant())
        .forEach(
            removal -> {
              room.take();
              found.add(removal);
            });
  }

  private void planManifests(AppName app, ListedImages listed, Room room, List<Removal> found) {
    new ListedManifests(store, images, listed, atOnce)
        .find(app, clock.instant().minus(Retention.GRACE))
        .forEach(
            removal -> {
              room.take();
              found.add(removal);
            });
  }

  private boolean isOlder(Instant time, Duration age) {
    return time.isBefore(clock.instant().minus(age));
  }

  private void planReplaced(AppName app, Duration age, Room room, List<Removal> found) {
    Duration atLeast = age.compareTo(Retention.GRACE) > 0 ? age : Retention.GRACE;
    Map<SetAside, List<ObjectStat>> pairs = new LinkedHashMap<>();
    try (Stream<ObjectStat> objects = store.list(BucketLayout.setAsideFolder(app))) {
      objects.forEach(
          object ->
              BucketLayout.parseSetAside(object.key())
                  .ifPresent(
                      it -> {
                        if (!pairs.containsKey(it)) {
                          room.take();
                        }
                        pairs.computeIfAbsent(it, none -> new ArrayList<>()).add(object);
                      }));
    }
    pairs.forEach(
        (what, pair) -> {
          if (pair.stream().allMatch(object -> isOlder(object.lastModified(), atLeast))) {
            found.add(
                new Removal.OfReplaced(
                    what.reference(),
                    pair.reversed(),
                    "replaced more than %s ago".formatted(ListedImages.days(atLeast))));
          }
        });
  }

  private void planTemporary(AppName app, Room room, List<Removal> found) {
    try (Stream<ObjectStat> objects = store.list(BucketLayout.temporaryFolder(app))) {
      objects
          .filter(object -> isOlder(object.lastModified(), Retention.GRACE))
          .peek(object -> room.take())
          .forEach(
              object ->
                  found.add(
                      new Removal.OfTemporary(object, "left by a push that did not end well")));
    }
  }

  private boolean planUploads(AppName app, Room room, List<Removal> found) {
    for (String folder :
        List.of(
            BucketLayout.imageFolder(app),
            BucketLayout.setAsideFolder(app),
            BucketLayout.temporaryFolder(app))) {
      try (var uploads = store.unfinishedUploads(folder)) {
        uploads
            .filter(upload -> isOlder(upload.started(), Retention.GRACE))
            .peek(upload -> room.take())
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
