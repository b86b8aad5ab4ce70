package dev.s3dock.registry;

import dev.s3dock.concurrent.ParallelReads;
import dev.s3dock.image.AppName;
import dev.s3dock.image.Environment;
import dev.s3dock.image.Version;
import dev.s3dock.registry.ImageListing.Listed;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.ObjectStat;
import dev.s3dock.store.ObjectStore;
import dev.s3dock.store.StoreException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Lists what a bucket holds. */
public final class Catalog {
  private final ObjectStore store;
  private final ImageListing listing;
  private final Pointers pointers;

  public Catalog(ObjectStore store, Pointers pointers) {
    this.store = store;
    this.listing = new ImageListing(store);
    this.pointers = pointers;
  }

  /** The apps that have images, versions or environments, in order. */
  public List<AppName> apps() {
    Set<AppName> apps = appsBelow(BucketLayout.IMAGES);
    Set<AppName> withoutImages = appsBelow(BucketLayout.TAGS);
    withoutImages.addAll(appsBelow(BucketLayout.POINTERS));
    withoutImages.removeAll(apps);
    withoutImages.stream().filter(this::hasNames).forEach(apps::add);
    return List.copyOf(apps);
  }

  private Set<AppName> appsBelow(String root) {
    try (Stream<String> folders = store.listFolders(root)) {
      return folders
          .filter(AppName::isValid)
          .map(AppName::new)
          .collect(Collectors.toCollection(TreeSet::new));
    }
  }

  /** False if all that is left of an app says that it was removed. */
  private boolean hasNames(AppName app) {
    return Stream.of(BucketLayout.tagFolder(app), BucketLayout.pointerFolder(app))
        .anyMatch(
            folder -> {
              try (Stream<ObjectStat> objects = store.list(folder)) {
                return objects
                    .map(ObjectStat::key)
                    .filter(
                        key ->
                            BucketLayout.parseTag(key).isPresent()
                                || BucketLayout.parsePointer(key).isPresent())
                    .anyMatch(pointers::isThere);
              }
            });
  }

  /**
   * A published image, and where its archive is.
   *
   * @param size of the archive in bytes; -1 if there is none, which is damage
   * @param stored when the archive was
   */
  public record ImageEntry(ImageKey key, ObjectKey archive, long size, Instant stored) {
    static ImageEntry of(ImageKey key, Optional<ObjectStat> archive) {
      return new ImageEntry(
          key,
          archive.map(ObjectStat::key).orElseGet(() -> key.archive(ArchiveForm.GZIP)),
          archive.map(ObjectStat::size).orElse(-1L),
          archive.map(ObjectStat::lastModified).orElse(Instant.EPOCH));
    }
  }

  /**
   * The published images of an app, newest commit first, and of one minute the one that was
   * published last. Memory holds the names of one month, and of those that the original filed later
   * than their commit.
   *
   * @param month {@code YYYYMM}: only what is filed under it
   * @param most how many are handed over at most; months of older ones are not looked at
   * @return how many there were
   */
  public long images(
      AppName app, Optional<String> month, long most, Consumer<ImageEntry> consumer) {
    ImageListing.Newest pending = new ImageListing.Newest();
    long count = 0;
    for (String folder : months(app, month)) {
      if (count >= most) {
        return count;
      }
      try (Stream<Listed> objects = listing.objects(app, folder)) {
        objects.forEach(pending::add);
      }
      count += pending.takeFrom(folder, most - count, consumer);
    }
    return count + pending.takeFrom("", most - count, consumer);
  }

  /**
   * The published images of an app with the newest commits, newest first. Looks at no more months
   * than it needs, so that it may miss an image that the original has filed later than its commit.
   *
   * @param most how many there are at most
   */
  public List<ImageKey> newest(AppName app, int most) {
    ImageListing.Newest newest = new ImageListing.Newest();
    for (String folder : months(app, Optional.empty())) {
      try (Stream<Listed> objects = listing.objects(app, folder)) {
        objects.forEach(newest::add);
      }
      if (newest.size() >= most) {
        break;
      }
    }
    List<ImageKey> found = new ArrayList<>();
    newest.takeFrom("", most, image -> found.add(image.key()));
    return found;
  }

  private List<String> months(AppName app, Optional<String> month) {
    if (month.isPresent()) {
      return List.of(month.get());
    }
    try (Stream<String> folders = listing.months(app)) {
      return folders.sorted(Comparator.reverseOrder()).toList();
    }
  }

  /** A version or an environment, and its object. */
  public record Entry<N>(N name, Pointer pointer) {}

  /**
   * The versions of an app, highest first.
   *
   * @return how many there were; those that were removed do not count
   */
  public long tags(AppName app, Consumer<Entry<Version>> consumer) {
    Stream<Version> versions =
        names(BucketLayout.tagFolder(app), key -> BucketLayout.parseTag(key)).stream()
            .sorted(Comparator.reverseOrder());
    return read(versions.toList(), version -> pointers.find(app, version), consumer);
  }

  /**
   * The environments of an app, by name.
   *
   * @return how many there were; those that were removed do not count
   */
  public long environments(AppName app, Consumer<Entry<Environment>> consumer) {
    Stream<Environment> environments =
        names(BucketLayout.pointerFolder(app), key -> BucketLayout.parsePointer(key)).stream()
            .sorted();
    return read(environments.toList(), where -> pointers.find(app, where), consumer);
  }

  private static <N> long read(
      List<N> names, Function<N, Optional<Pointer>> find, Consumer<Entry<N>> consumer) {
    long[] count = {0};
    ParallelReads.inOrder(
        names.iterator(),
        name -> find.apply(name).map(pointer -> new Entry<>(name, pointer)),
        entry -> {
          count[0] += entry.isPresent() ? 1 : 0;
          entry.ifPresent(consumer);
        });
    return count[0];
  }

  private <T> List<T> names(String prefix, Function<ObjectKey, Optional<T>> parse) {
    List<T> names = new ArrayList<>();
    try (Stream<ObjectStat> objects = store.list(prefix)) {
      objects.flatMap(o -> parse.apply(o.key()).stream()).forEach(names::add);
    }
    return names;
  }

  /**
   * The error for an app of which nothing exists, once nothing of one kind was found.
   *
   * @param count how much was found; if that is anything, nothing is looked for
   */
  public void requireApp(AppName app, long count) {
    if (count == 0) {
      requireApp(app);
    }
  }

  /**
   * The error for an app of which nothing exists.
   *
   * @throws RegistryException {@link RegistryException.Kind#NOT_FOUND} if the app has no images,
   *     versions or environments
   */
  public void requireApp(AppName app) {
    List<AppName> apps = apps();
    if (!apps.contains(app)) {
      throw RegistryException.notFound(
          "no app %s in %s".formatted(app, store.describe()),
          app.value(),
          apps.stream().map(AppName::value).toList());
    }
  }

  /** The error for a version that is not there. */
  public RegistryException noVersion(AppName app, Version version) {
    requireApp(app);
    return RegistryException.notFound(
        "no version %s of %s in %s".formatted(version, app, store.describe()),
        version.value(),
        near(version.value(), versionKeys(app)));
  }

  /** The error for an environment that is not there. */
  public RegistryException noEnvironment(AppName app, Environment environment) {
    requireApp(app);
    return RegistryException.notFound(
        "nothing of %s was promoted to %s in %s".formatted(app, environment, store.describe()),
        environment.value(),
        near(environment.value(), environmentKeys(app)));
  }

  private Map<ObjectKey, String> versionKeys(AppName app) {
    return keys(BucketLayout.tagFolder(app), key -> BucketLayout.parseTag(key).map(Version::value));
  }

  private Map<ObjectKey, String> environmentKeys(AppName app) {
    return keys(
        BucketLayout.pointerFolder(app),
        key -> BucketLayout.parsePointer(key).map(Environment::value));
  }

  private Map<ObjectKey, String> keys(String prefix, Function<ObjectKey, Optional<String>> parse) {
    Map<ObjectKey, String> names = new TreeMap<>();
    try (Stream<ObjectStat> objects = store.list(prefix)) {
      objects
          .map(ObjectStat::key)
          .forEach(key -> parse.apply(key).ifPresent(name -> names.put(key, name)));
    }
    return names;
  }

  /**
   * The other names; of those that may have been meant, by their length, only what is there, since
   * what was removed leaves its object. Their likeness is the caller's to judge.
   */
  private List<String> near(String wanted, Map<ObjectKey, String> names) {
    int most = Math.max(2, wanted.length() / 3);
    Set<String> near = new TreeSet<>();
    ParallelReads.inOrder(
        names.entrySet().stream().filter(name -> !name.getValue().equals(wanted)).iterator(),
        name ->
            Math.abs(name.getValue().length() - wanted.length()) > most || isThere(name.getKey())
                ? Optional.of(name.getValue())
                : Optional.<String>empty(),
        name -> name.ifPresent(near::add));
    return List.copyOf(near);
  }

  /** One that the store will not give counts as there: what is wrong is told elsewhere. */
  private boolean isThere(ObjectKey key) {
    try {
      return pointers.isThere(key);
    } catch (StoreException e) {
      return true;
    }
  }

  /**
   * Makes sure that an environment that is not there may be made: that the app has no other, so
   * that no name can be mistyped.
   *
   * @throws RegistryException {@link RegistryException.Kind#NOT_FOUND} if it has others
   */
  public void requireFirst(AppName app, Environment environment) {
    List<String> others = new ArrayList<>();
    ParallelReads.inOrder(
        names(BucketLayout.pointerFolder(app), key -> BucketLayout.parsePointer(key)).stream()
            .filter(other -> !other.equals(environment))
            .sorted()
            .iterator(),
        other ->
            pointers.isThere(BucketLayout.pointer(app, other))
                ? Optional.of(other.value())
                : Optional.<String>empty(),
        name -> name.ifPresent(others::add));
    if (!others.isEmpty()) {
      throw RegistryException.notFound(
          "%s has no environment %s in %s, only %s; to make a new one, add --create"
              .formatted(app, environment, store.describe(), some(others)),
          environment.value(),
          others);
    }
  }

  private static String some(List<String> names) {
    int shown = 5;
    return names.size() <= shown
        ? String.join(", ", names)
        : String.join(", ", names.subList(0, shown))
            + " and %d more".formatted(names.size() - shown);
  }

  /** The error for a name that is neither an environment nor a version. */
  public RegistryException noTarget(AppName app, String name) {
    requireApp(app);
    Map<ObjectKey, String> names = new TreeMap<>(environmentKeys(app));
    names.putAll(versionKeys(app));
    return RegistryException.notFound(
        "%s has no environment and no version %s in %s".formatted(app, name, store.describe()),
        name,
        near(name, names));
  }
}
