package dev.s3dock.cli.wiring;

import dev.s3dock.cli.invocation.UsageException;
import dev.s3dock.config.ConfigFile;
import dev.s3dock.image.AppName;
import dev.s3dock.image.Environment;
import dev.s3dock.image.ImageReference;
import dev.s3dock.image.Printable;
import dev.s3dock.image.TaggedName;
import dev.s3dock.registry.Resolver;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How the words of a command name an app and what belongs to it: {@code APP WORD} and {@code
 * APP:WORD} mean the same, and so does {@code WORD} of the app that the configuration names.
 */
public final class Names {
  private final Optional<AppName> standard;

  /** Where no app is named, it is the configuration's, if that names one. */
  public Names(ConfigFile file) {
    this.standard = file.app();
  }

  /**
   * The app that is named, or else the configuration's.
   *
   * @throws UsageException if there is neither
   */
  public AppName app(@Nullable String word) {
    return word != null
        ? new AppName(word)
        : standard.orElseThrow(
            () ->
                new UsageException(
                    "no app is named: add its name, or set `app` in the configuration"));
  }

  /** The app that the configuration names. */
  public Optional<AppName> standard() {
    return standard;
  }

  /**
   * An app and a word that belongs to it.
   *
   * @param first the app, or both as {@code APP:WORD}, or the word alone
   * @param second the word behind an app
   * @throws UsageException if one of the two is missing, or there is a word too many
   */
  public TaggedName tagged(String first, @Nullable String second) {
    if (second == null) {
      return alone(first);
    }
    if (TaggedName.isIn(first)) {
      throw new UsageException(
          "%s names all that is needed: leave out %s"
              .formatted(Printable.of(first), Printable.of(second)));
    }
    AppName app = new AppName(first);
    return TaggedName.isIn(second) ? of(app, second) : new TaggedName(app, second);
  }

  private TaggedName alone(String word) {
    if (TaggedName.isIn(word)) {
      return TaggedName.parse(word);
    }
    return standard
        .map(app -> new TaggedName(app, word))
        .orElseThrow(
            () ->
                new UsageException(
                    "'%1$s' alone is not enough: name app and environment, version or image, such as `%1$s production` or %1$s:production, or set `app` in the configuration"
                        .formatted(Printable.of(word))));
  }

  /**
   * What is named of an app that is known already.
   *
   * @param word with or without the app's name before it
   * @throws UsageException if it is of another app
   */
  public static TaggedName of(AppName app, String word) {
    if (!TaggedName.isIn(word)) {
      return new TaggedName(app, word);
    }
    TaggedName named = TaggedName.parse(word);
    if (!named.app().equals(app)) {
      throw new UsageException("%s is not of %s: name one that is".formatted(named, app));
    }
    return named;
  }

  /** The app and the environment that are named. */
  public AppEnvironment environment(String first, @Nullable String second) {
    TaggedName named = tagged(first, second);
    return new AppEnvironment(named.app(), new Environment(named.tag()));
  }

  /** An app somewhere. */
  public record AppEnvironment(AppName app, Environment environment) {}

  /** The image that is named; only where that is not its own name, the bucket is asked. */
  public static ImageReference image(TaggedName named, Resolver resolver) {
    return named
        .image()
        .orElseGet(() -> resolver.resolve(named.app(), named.tag()).image().key().reference());
  }
}
