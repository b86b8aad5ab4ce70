package dev.s3dock.registry;

import dev.s3dock.concurrent.ParallelReads;
import dev.s3dock.image.AppName;
import dev.s3dock.image.Environment;
import dev.s3dock.image.Version;
import dev.s3dock.registry.ImageListing.Listed;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.ObjectStat;
import dev.s3dock.store.ObjectStore;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Function;
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
    TreeSet<AppName> apps = new TreeSet<>();
    for (String root : List.of(BucketLayout.IMAGES, BucketLayout.TAGS, BucketLayout.POINTERS)) {
      try (Stream<String> folders = store.listFolders(root)) {
        folders.filter(AppName::isValid).map(AppName::new).forEach(apps::add);
      }
    }
    return List.copyOf(apps);
  }

  /**
   * A published image, and where its archive is.
   *
   * @param size of the archive in bytes; -1 if there is none, which is damage
   * @param stored when the archive was
   */
  public record ImageEntry(ImageKey key, ObjectKey archive, long size, Instant stored) {
    private static ImageEntry of(ImageKey key, Optional<ObjectStat> archive) {
      return new ImageEntry(
          key,
          archive.map(ObjectStat::key).orElseGet(() -> key.archive(ArchiveForm.GZIP)),
          archive.map(ObjectStat::size).orElse(-1L),
          archive.map(ObjectStat::lastModified).orElse(Instant.EPOCH));
    }
  }

  /**
   * The published images of an app, newest commit first. Memory holds the names of one month, and
   * of those that the original filed later than their commit.
   *
   * @param month {@code YYYYMM}: only what is filed under it
   * @param most how many are handed over at most; months of older ones are not looked at
   * @return how many there were
   */
  public long images(
      AppName app, Optional<String> month, long most, Consumer<ImageEntry> consumer) {
    TreeMap<ImageKey, Optional<ObjectStat>> pending = new TreeMap<>(NEWEST_FIRST);
    long count = 0;
    for (String folder : months(app, month)) {
      if (count >= most) {
        return count;
      }
      try (Stream<Listed> objects = listing.objects(app, folder)) {
        objects.forEach(object -> collect(object, pending));
      }
      while (count < most
          && !pending.isEmpty()
          && pending.firstKey().reference().stamp().yearMonth().compareTo(folder) >= 0) {
        consumer.accept(first(pending));
        count++;
      }
    }
    for (; count < most && !pending.isEmpty(); count++) {
      consumer.accept(first(pending));
    }
    return count;
  }

  private static ImageEntry first(NavigableMap<ImageKey, Optional<ObjectStat>> images) {
    Map.Entry<ImageKey, Optional<ObjectStat>> first = images.pollFirstEntry();
    return ImageEntry.of(first.getKey(), first.getValue());
  }

  /**
   * The published images of an app with the newest commits, newest first. Looks at no more months
   * than it needs, so that it may miss an image that the original has filed later than its commit.
   *
   * @param most how many there are at most
   */
  public List<ImageKey> newest(AppName app, int most) {
    TreeMap<ImageKey, Optional<ObjectStat>> newest = new TreeMap<>(NEWEST_FIRST);
    for (String folder : months(app, Optional.empty())) {
      try (Stream<Listed> objects = listing.objects(app, folder)) {
        objects.forEach(object -> collect(object, newest));
      }
      if (newest.size() >= most) {
        break;
      }
    }
    return newest.keySet().stream().limit(most).toList();
  }

  /** An image by its metadata; the archive, which a listing names after that, tells its form. */
  private static void collect(Listed object, Map<ImageKey, Optional<ObjectStat>> images) {
    object
        .image()
        .ifPresent(
            key -> {
              if (object.isMetadata()) {
                images.put(key, Optional.empty());
              } else {
                images.computeIfPresent(key, (k, before) -> Optional.of(object.object()));
              }
            });
  }

  private static final Comparator<ImageKey> NEWEST_FIRST =
      Comparator.comparing(ImageKey::reference)
          .reversed()
          .thenComparing(key -> key.platform().orElse(""))
          .thenComparing(ImageKey::month);

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
   * @return how many there were; those whose object went away meanwhile are not handed over
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
   * @return how many there were; those whose object went away meanwhile are not handed over
   */
  public long environments(AppName app, Consumer<Entry<Environment>> consumer) {
    Stream<Environment> environments =
        names(BucketLayout.pointerFolder(app), key -> BucketLayout.parsePointer(key)).stream()
            .sorted();
    return read(environments.toList(), where -> pointers.find(app, where), consumer);
  }

  private static <N> long read(
      List<N> names, Function<N, Optional<Pointer>> find, Consumer<Entry<N>> consumer) {
    ParallelReads.inOrder(
        names.iterator(),
        name -> find.apply(name).map(pointer -> new Entry<>(name, pointer)),
        entry -> entry.ifPresent(consumer));
    return names.size();
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
        names(BucketLayout.tagFolder(app), key -> BucketLayout.parseTag(key)).stream()
            .filter(name -> !name.equals(version)) // what was removed leaves its object
            .map(Version::value)
            .toList());
  }

  /** The error for an environment that is not there. */
  public RegistryException noEnvironment(AppName app, Environment environment) {
    requireApp(app);
    return RegistryException.notFound(
        "nothing of %s was promoted to %s in %s".formatted(app, environment, store.describe()),
        environment.value(),
        names(BucketLayout.pointerFolder(app), key -> BucketLayout.parsePointer(key)).stream()
            .filter(name -> !name.equals(environment)) // what was removed leaves its object
            .map(Environment::value)
            .toList());
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
        other -> exists(app, other) ? Optional.of(other.value()) : Optional.<String>empty(),
        name -> name.ifPresent(others::add));
    if (!others.isEmpty()) {
      throw RegistryException.notFound(
          "%s has no environment %s in %s, only %s; to make a new one, add --create"
              .formatted(app, environment, store.describe(), some(others)),
          environment.value(),
          others);
    }
  }

  /** One that is damaged exists. */
  private boolean exists(AppName app, Environment environment) {
    try {
      return pointers.find(app, environment).isPresent();
    } catch (RegistryException e) {
      return true;
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
    Map<String, Boolean> existing = new HashMap<>();
    names(BucketLayout.pointerFolder(app), key -> BucketLayout.parsePointer(key))
        .forEach(e -> existing.put(e.value(), true));
    names(BucketLayout.tagFolder(app), key -> BucketLayout.parseTag(key))
        .forEach(v -> existing.put(v.value(), true));
    return RegistryException.notFound(
        "%s has no environment and no version %s in %s".formatted(app, name, store.describe()),
        name,
        existing.keySet().stream().filter(it -> !it.equals(name)).sorted().toList());
  }
}
