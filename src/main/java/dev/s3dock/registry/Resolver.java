package dev.s3dock.registry;

import dev.s3dock.image.AppName;
import dev.s3dock.image.Environment;
import dev.s3dock.image.ImageReference;
import dev.s3dock.image.InvalidNameException;
import dev.s3dock.image.Version;
import dev.s3dock.store.StoreException;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/** Finds the image that a user means by an app and one more word. */
public final class Resolver {
  private static final Pattern RELEASE = Pattern.compile("v?\\d+(\\..*)?");

  private final Images images;
  private final Pointers pointers;
  private final Catalog catalog;

  public Resolver(Images images, Pointers pointers, Catalog catalog) {
    this.images = images;
    this.pointers = pointers;
    this.catalog = catalog;
  }

  /**
   * An image and how it was found.
   *
   * @param source {@code app:word}
   * @param sourceType {@code environment}, {@code tag} or {@code image}
   */
  public record Resolved(String source, String sourceType, Published image) {}

  /**
   * Resolves {@code stamp-hash}, an environment or a version.
   *
   * @throws RegistryException {@link RegistryException.Kind#NOT_FOUND} if there is none of them;
   *     {@link RegistryException.Kind#CONFLICT} if the word is both an environment and a version
   */
  public Resolved resolve(AppName app, String word) {
    String source = app + ":" + word;
    Optional<ImageReference> reference = ImageReference.ofTag(app, word);
    if (reference.isPresent()) {
      return new Resolved(source, "image", images.require(reference.get()));
    }
    Named named = find(app, word).orElseThrow(() -> catalog.noTarget(app, word));
    return new Resolved(
        source,
        named.kind() == PointerKind.VERSION ? "tag" : "environment",
        pointers.requireImage(named.pointer()));
  }

  /**
   * An environment or a version.
   *
   * @param kind which of the two
   */
  public record Named(PointerKind kind, Pointer pointer) {}

  /**
   * Finds the environment or the version of this name.
   *
   * @return empty if there is neither
   * @throws RegistryException {@link RegistryException.Kind#CONFLICT} if the word is both
   */
  public Optional<Named> find(AppName app, String word) {
    List<PointerKind> kinds = order(word);
    Optional<Pointer> first = find(app, kinds.getFirst(), word);
    Optional<Pointer> second =
        first.isPresent()
            ? unlessDenied(() -> find(app, kinds.getLast(), word))
            : find(app, kinds.getLast(), word);
    if (first.isPresent() && second.isPresent()) {
      throw RegistryException.conflict(
          "%s:%s is %s as well as %s: name the image itself, such as %s:YYYYMMDD-HHMM-hash"
              .formatted(
                  app,
                  word,
                  described(kinds.getFirst(), first.get()),
                  described(kinds.getLast(), second.get()),
                  app));
    }
    return first
        .map(pointer -> new Named(kinds.getFirst(), pointer))
        .or(() -> second.map(pointer -> new Named(kinds.getLast(), pointer)));
  }

  /**
   * Finds it for a machine that asks again and again, with as few requests as can be: of a word
   * that is both, it is always the one that {@link #order} names first, whoever has written them.
   * So nobody who may write versions can redirect or stop pulls of an environment.
   *
   * @return empty if there is neither
   */
  public Optional<Named> findFirst(AppName app, String word) {
    return order(word).stream()
        .flatMap(kind -> find(app, kind, word).stream().map(it -> new Named(kind, it)))
        .findFirst();
  }

  private Optional<Pointer> find(AppName app, PointerKind kind, String word) {
    return switch (kind) {
      case VERSION -> parsed(word, Version::new).flatMap(version -> pointers.find(app, version));
      case ENVIRONMENT -> parsed(word, Environment::new).flatMap(name -> pointers.find(app, name));
    };
  }

  /** Who may not list a bucket is denied what is not there. */
  private static Optional<Pointer> unlessDenied(Supplier<Optional<Pointer>> find) {
    try {
      return find.get();
    } catch (StoreException e) {
      if (e.kind() != StoreException.Kind.ACCESS_DENIED) {
        throw e;
      }
      return Optional.empty();
    }
  }

  private String described(PointerKind kind, Pointer pointer) {
    String leadsTo;
    try {
      leadsTo = pointers.follow(pointer).reference().toString();
    } catch (RegistryException e) {
      leadsTo = "no published image";
    }
    return (kind == PointerKind.VERSION ? "a version (%s)" : "an environment (%s)")
        .formatted(leadsTo);
  }

  /** Where a word that may be a version or an environment is looked for first. */
  public static List<PointerKind> order(String word) {
    return RELEASE.matcher(word).matches()
        ? List.of(PointerKind.VERSION, PointerKind.ENVIRONMENT)
        : List.of(PointerKind.ENVIRONMENT, PointerKind.VERSION);
  }

  private static <T> Optional<T> parsed(String word, Function<String, T> parse) {
    try {
      return Optional.of(parse.apply(word));
    } catch (InvalidNameException e) {
      return Optional.empty();
    }
  }
}
