package dev.s3dock.distribution;

import dev.s3dock.image.AppName;
import dev.s3dock.image.Printable;
import dev.s3dock.registry.Catalog;
import dev.s3dock.registry.Images;
import dev.s3dock.registry.Manifests;
import dev.s3dock.registry.Pointers;
import dev.s3dock.registry.Resolver;
import dev.s3dock.store.ObjectStore;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** The apps of a bucket as the repositories of a registry. For several threads. */
public final class Repositories {
  /** What a name can be (distribution-spec, "Pulling manifests"). */
  private static final Pattern NAME =
      Pattern.compile(
          "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*+(?:/[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*+)*+");

  private static final int MOST_REMEMBERED = 1000;

  private final Optional<Set<AppName>> allowed;
  private final Catalog catalog;
  private final Resolver resolver;
  private final Pointers pointers;
  private final ImageCache cache = new ImageCache();
  private final PublishedImages images;
  private final TagNames tags;
  private final Map<AppName, Repository> repositories = new LinkedHashMap<>(16, 0.75f, true);

  /**
   * Serves a bucket.
   *
   * @param allowed the apps that may be asked for; empty for all
   * @param retries how often a range that failed is read again
   */
  public Repositories(
      ObjectStore store,
      Images images,
      Manifests manifests,
      Pointers pointers,
      Optional<Set<AppName>> allowed,
      int retries) {
    this.allowed = allowed.map(Set::copyOf);
    this.pointers = pointers;
    this.catalog = new Catalog(store, pointers);
    this.resolver = new Resolver(images, pointers, catalog);
    this.images = new PublishedImages(store, images, manifests, cache, retries);
    this.tags = new TagNames(store, pointers);
  }

  /**
   * The repository of this name, which may be that of an app of which nothing exists.
   *
   * @throws RefusedException {@link ErrorCode#NAME_INVALID} if no repository can have that name;
   *     {@link ErrorCode#NAME_UNKNOWN} if no app can have it, or if it is not allowed
   */
  public Repository named(String name) {
    if (!AppName.isValid(name)) {
      throw NAME.matcher(name).matches()
          ? unknown(name)
          : new RefusedException(
              ErrorCode.NAME_INVALID, "no repository can be called " + Printable.of(name));
    }
    AppName app = new AppName(name);
    if (allowed.filter(them -> !them.contains(app)).isPresent()) {
      throw unknown(name);
    }
    synchronized (repositories) {
      Repository repository =
          repositories.computeIfAbsent(
              app, it -> new Repository(it, resolver, pointers, images, cache, tags));
      if (repositories.size() > MOST_REMEMBERED) { // whoever asks for any name fills no memory
        repositories.remove(repositories.keySet().iterator().next());
      }
      return repository;
    }
  }

  static RefusedException unknown(String name) {
    return new RefusedException(ErrorCode.NAME_UNKNOWN, "there is no app " + Printable.of(name));
  }

  /** The names of the repositories, in no order. */
  public List<String> names() {
    return catalog.apps().stream()
        .filter(app -> allowed.filter(them -> !them.contains(app)).isEmpty())
        .map(AppName::value)
        .toList();
  }
}
