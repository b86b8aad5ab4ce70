package dev.s3dock.registry;

import dev.s3dock.image.AppName;
import dev.s3dock.image.Environment;
import dev.s3dock.image.ImageReference;
import dev.s3dock.image.InvalidNameException;
import dev.s3dock.image.Version;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
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
   * Resolves {@code stamp-hash}, an environment or a version. A word that is both is taken as a
   * version if it looks like a number, and as an environment otherwise.
   *
   * @throws RegistryException {@link RegistryException.Kind#NOT_FOUND} if there is none of them
   */
  public Resolved resolve(AppName app, String word) {
    String source = app + ":" + word;
    Optional<ImageReference> reference = ImageReference.ofTag(app, word);
    if (reference.isPresent()) {
      return new Resolved(source, "image", images.require(reference.get()));
    }
    for (PointerKind kind : order(word)) {
      String type = kind == PointerKind.VERSION ? "tag" : "environment";
      Optional<Pointer> pointer =
          kind == PointerKind.VERSION
              ? parsed(word, Version::new).flatMap(version -> pointers.find(app, version))
              : parsed(word, Environment::new).flatMap(name -> pointers.find(app, name));
      if (pointer.isPresent()) {
        return new Resolved(source, type, pointers.requireImage(pointer.get()));
      }
    }
    throw catalog.noTarget(app, word);
  }

  /** What a word that may be a version or an environment is taken for, in this order. */
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
