package dev.s3dock.verify;

import dev.s3dock.image.AppName;
import dev.s3dock.image.ImageReference;
import dev.s3dock.registry.BucketLayout;
import dev.s3dock.registry.ImageKey;
import dev.s3dock.registry.ImageListing;
import dev.s3dock.registry.ImageListing.Listed;
import dev.s3dock.registry.ParallelReads;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.ObjectStat;
import dev.s3dock.store.ObjectStore;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;

/** What a bucket holds, object by object, whether it makes sense or not. */
final class Inventory {
  private final ObjectStore store;
  private final ImageListing listing;

  public Inventory(ObjectStore store) {
    this.store = store;
    this.listing = new ImageListing(store);
  }

  /** How to go through the images of an app. */
  public record Walk(Optional<ImageReference> from, int atOnce) {}

  /**
   * The folders that apps have, or would have: one that has nothing but events is there too. In
   * order, each once.
   *
   * @param stray told of those that are no app's
   */
  public List<AppName> apps(Consumer<Finding> stray) {
    SortedSet<AppName> apps = new TreeSet<>();
    for (String root :
        List.of(
            BucketLayout.AUDIT,
            BucketLayout.DEPLOYMENTS,
            BucketLayout.IMAGES,
            BucketLayout.MANIFESTS,
            BucketLayout.POINTERS,
            BucketLayout.TAGS)) {
      try (Stream<String> folders = store.listFolders(root)) {
        folders.forEach(
            folder -> {
              if (AppName.isValid(folder)) {
                apps.add(new AppName(folder));
              } else {
                stray.accept(Finding.stray(new ObjectKey(root + folder)));
              }
            });
      }
    }
    return List.copyOf(apps);
  }

  /**
   * Hands the images of an app to a check, in the order of their keys, and its results on in the
   * same order. Memory holds the objects of the commits that are being checked.
   *
   * @param walk where to begin, and how many checks run at once
   * @param stray told of keys that are no image's
   * @return how many objects there were, also those before the beginning
   */
  public <T> long images(
      AppName app,
      Walk walk,
      Consumer<Finding> stray,
      Function<StoredImage, T> check,
      Consumer<T> consumer) {
    String start =
        walk.from().map(BucketLayout::image).map(ImageKey::stem).orElse(""); // as if filed as usual
    try (Stream<Listed> objects = listing.objects(app)) {
      Grouped images = new Grouped(objects.iterator(), start, stray);
      ParallelReads.inOrder(walk.atOnce(), images, check, consumer);
      return images.count;
    }
  }

  /** The objects of every platform of an image, under whatever month they are filed. */
  public List<StoredImage> images(ImageReference reference) {
    String usual = reference.stamp().yearMonth();
    List<StoredImage> found = new ArrayList<>(images(reference, usual));
    if (found.isEmpty()) {
      try (Stream<String> months = listing.months(reference.app())) {
        months
            .filter(month -> !month.equals(usual))
            .forEach(month -> found.addAll(images(reference, month)));
      }
    }
    return found;
  }

  /** The objects of every platform of an image that are filed under this month. */
  public List<StoredImage> images(ImageReference reference, String month) {
    List<StoredImage> found = new ArrayList<>();
    try (Stream<Listed> objects = listing.objects(reference, month)) {
      new Grouped(objects.iterator(), "", stray -> {}).forEachRemaining(found::add);
    }
    return found;
  }

  /** The objects of an image as they are now. */
  public StoredImage look(ImageKey key) {
    StoredImage image = StoredImage.none(key);
    for (ObjectKey object : image.states().keySet()) {
      Optional<ObjectStat> stat = store.head(object);
      image = stat.map(image::with).orElse(image);
    }
    return image;
  }

  /** Puts together what belongs to one image; a listing has the objects of a commit in a row. */
  private static final class Grouped implements Iterator<StoredImage> {
    private final Iterator<Listed> objects;
    private final String start;
    private final Consumer<Finding> stray;
    private final Map<ImageKey, StoredImage> commit = new LinkedHashMap<>();
    private Iterator<StoredImage> ready = List.<StoredImage>of().iterator();
    private long count;

    Grouped(Iterator<Listed> objects, String start, Consumer<Finding> stray) {
      this.objects = objects;
      this.start = start;
      this.stray = stray;
    }

    @Override
    public boolean hasNext() {
      while (!ready.hasNext() && (objects.hasNext() || !commit.isEmpty())) {
        if (!objects.hasNext()) {
          end();
          continue;
        }
        Listed next = objects.next();
        ObjectStat object = next.object();
        count++;
        next.image()
            .ifPresentOrElse(
                key -> add(key, object), () -> stray.accept(Finding.stray(object.key())));
      }
      return ready.hasNext();
    }

    private void add(ImageKey key, ObjectStat object) {
      if (ObjectKey.ORDER.compare(key.ofFirstPlatform().stem(), start) < 0) {
        return;
      }
      if (!commit.isEmpty()
          && !commit.keySet().iterator().next().ofFirstPlatform().equals(key.ofFirstPlatform())) {
        end();
      }
      commit.put(key, commit.getOrDefault(key, StoredImage.none(key)).with(object));
    }

    private void end() {
      ready = List.copyOf(commit.values()).iterator();
      commit.clear();
    }

    @Override
    public StoredImage next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      return ready.next();
    }
  }
}
